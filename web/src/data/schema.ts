/** @file Generated from schema/openapi.json by tools/generate.ts. */
export interface paths {
    "/api/tunewise/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List entries of the audit log, newest first, optionally by action, person and subject. Admins only. Pass `next` as `before` to get the next page; null: this page is the last. */
        get: operations["get_api_tunewise_v1_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List budgets of readable projects, with the amount spent. */
        get: operations["get_api_tunewise_v1_budgets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stream changes as server-sent events: ids of readable runs that changed since the previous event, at most one event per second. The first event is sent immediately. `Last-Event-ID`, or `after` with the same id, resumes from that event. Delivery is at least once: a run may be repeated, but none is omitted. Without changes, the stream sends only a comment every 25 seconds. It ends after `seconds` (default: 600); 0: after the first event. */
        get: operations["get_api_tunewise_v1_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List comparisons of `tunewise try` with their verdicts, newest first. */
        get: operations["get_api_tunewise_v1_decisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the summary for the home view, for readable projects: this month's cost, waste and forecast; the budget with the highest share spent; the hourly cost of active runs and machines; duplicates refused this month; and runs of the last 14 days that need attention. To remove a run from `matters`, set its tag `tunewise.seen` to its `ms`. */
        get: operations["get_api_tunewise_v1_home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/launches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register a command before it starts. 409 if the same command ran before, 403 if its budget is spent. `force` is the reason to run it anyway. `outer` is the id of the enclosing command, with which it shares metered seconds. */
        post: operations["post_api_tunewise_v1_launches"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/launches/{id}/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Report the command's meter reading since its start. The increase is added to the ledger. Returns the reason if the command must stop. */
        post: operations["post_api_tunewise_v1_launches_id_readings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the caller, the projects the caller may read, and whether this server requires authentication. */
        get: operations["get_api_tunewise_v1_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/money/accuracy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare planned with actual time, cost and memory of the last 200 completed tunewise runs, as `tunewise plan --accuracy` does. Excludes resumed runs and runs whose folder is not on this server. */
        get: operations["get_api_tunewise_v1_money_accuracy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/money/outlook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the forecast of this month and of each budget, active costs and refused duplicates. Forecasts are 80 % intervals, with the number of days they are based on. Active costs: running runs and rented machines not confirmed as terminated, with hourly cost, cap and end of lease. Refused duplicates since a given day have the cost of the earlier runs. */
        get: operations["get_api_tunewise_v1_money_outlook"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/recipes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List recipes that the caller may plan, check and start, and alternative models to plan for. */
        get: operations["get_api_tunewise_v1_recipes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/recipes/{recipe}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the data of a recipe. Findings have masked rows and are sorted by severity. */
        post: operations["post_api_tunewise_v1_recipes_recipe_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/recipes/{recipe}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Plan a recipe, optionally with other settings: cost with distribution and drivers, time, memory, placements and findings. Starts nothing. */
        post: operations["post_api_tunewise_v1_recipes_recipe_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/recipes/{recipe}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start the run of a displayed plan with a cap: dollars, or seconds on a machine without a price. 409 if the cap has the wrong unit, the plan is outdated, or the run cannot be started from this server. `run` is null while the run is being prepared. */
        post: operations["post_api_tunewise_v1_recipes_recipe_runs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List answers of the runs' tuned models on their common test rows, at most 50 rows per page. `only` selects all rows, rows whose scores differ, or rows whose answers differ; `counts` has the number of each. `marks` adds the words that differ from the first run's answer. */
        post: operations["post_api_tunewise_v1_runs_answers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change runs. Requires write access to all of their projects. Actions: tag (key, value), untag (key), stop (reason), delete, restore, rename (value), note (value; empty removes the note). Returns the outcome of each run. */
        post: operations["post_api_tunewise_v1_runs_change"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/columns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List keys of metrics, parameters and tags of readable runs, most common first. `search` matches part of a key; `projects` is a comma-separated list of project numbers. */
        get: operations["get_api_tunewise_v1_runs_columns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/curves": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get curves of metrics, for at most 100 runs, 100 keys and 2,000 curves. `axis`: step, time (seconds since the start of the run) or dollars (cost so far; `dollars_from` has its source). The axis is divided into `places` intervals; each returns its first, lowest, highest and last logged point. `from` and `to` select an inclusive range; to fetch only new points, start at the step after the last one. Values that JSON cannot represent are null and listed in `special`. `places` in the response is the number of intervals per curve. */
        post: operations["post_api_tunewise_v1_runs_curves"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/differences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare the scores of runs with those of the first run, with the statistics and wording of `tunewise compare`: paired differences on the same test rows, with 95 % intervals. Runs that differ only in the seed are one group. `left_out` lists runs that are not compared, with reasons; runs of other clients have only one value per score, which has no interval. */
        post: operations["post_api_tunewise_v1_runs_differences"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/table": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List readable runs, page by page and column by column. Columns: metrics.KEY, params.KEY, tags.KEY (unescaped keys), curve.KEY (about 24 values of a metric by step; at most 8 such columns) and attributes.NAME: run_id, name, status, start_time, end_time, duration, client, person, project, purpose, spent, waste, waste_kind, plan. The filter uses MLflow's syntax, plus OR, NOT, parentheses, and numeric comparison with parameters and tags. Runs without a value are sorted last, after NaN; ties are sorted newest first. */
        post: operations["post_api_tunewise_v1_runs_table"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/values": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List values of a column that start with a text, most common first. */
        get: operations["get_api_tunewise_v1_runs_values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the status and cost of a run of any client. Times are milliseconds since 1970. */
        get: operations["get_api_tunewise_v1_runs_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List answers of a tunewise run by row: prompt, reference, answers of the base and tuned model, and their scores. `row` selects one row with longer texts. */
        get: operations["get_api_tunewise_v1_runs_id_answers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/charges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Charge a run for unmetered costs. Returns its total cost, and the reason if it must stop. `kind`: tokens, storage or other; `source`: the bill or price list, with its date. For safe retries, set `ms` to the time of the charge: a repeated charge counts once and returns 200. This URL is in TUNEWISE_CHARGE_URL. */
        post: operations["post_api_tunewise_v1_runs_id_charges"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get console output of a run, starting at a line. `total` increases while the run is active. */
        get: operations["get_api_tunewise_v1_runs_id_console"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the decision of a comparison, with its evidence as worded in the report. 404 if the comparison is not finished or its folder is not on this server. */
        get: operations["get_api_tunewise_v1_runs_id_decision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/decision/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the decision as one HTML or Markdown file. */
        get: operations["get_api_tunewise_v1_runs_id_decision_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the details of a run of any client: status and reason, parameters, tags, metrics, ledger entries with prices, budgets, origin and differences from it, data and commands. Runs of tunewise also have planned and actual values, verdicts of guards by step, findings, forgetting and safety. Long lists and texts are truncated and include their full length. */
        get: operations["get_api_tunewise_v1_runs_id_details"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a file of a run by its path in `files`. Images and audio are sent inline, other files as attachments. Supports range requests. */
        get: operations["get_api_tunewise_v1_runs_id_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List files of a run, at most 2,000: files that its client logged and, for runs of tunewise, files in its folder if it is on this server. */
        get: operations["get_api_tunewise_v1_runs_id_files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List non-numeric values that a W&B client logged, as JSON: tables, media and texts. */
        get: operations["get_api_tunewise_v1_runs_id_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get whether a run must stop. Training callbacks poll this URL, which is in TUNEWISE_STOP_URL. */
        get: operations["get_api_tunewise_v1_runs_id_stop"];
        put?: never;
        /** Request that a run save and stop. The first reason is stored. `stop` is false if the run has already ended; its status then stays the same. */
        post: operations["post_api_tunewise_v1_runs_id_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List system metrics of a run: keys, last values and extremes. For curves, use runs/curves. */
        get: operations["get_api_tunewise_v1_runs_id_system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/runs/{id}/table": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get rows of a table that a W&B client logged (a file NAME.table.json). Cells are texts of at most 500 characters. Media cells contain names only; `note` lists what is omitted. */
        get: operations["get_api_tunewise_v1_runs_id_table"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a user name and password, or with a token. The response sets an HttpOnly, same-site session cookie. */
        post: operations["post_api_tunewise_v1_session"];
        /** Sign out. Invalidates the session cookie. */
        delete: operations["delete_api_tunewise_v1_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/spend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sum the ledger of readable projects by project, person, client, purpose, method, status, month, run or tag:KEY. Amounts are in micro-dollars. */
        get: operations["get_api_tunewise_v1_spend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the caller's views and those of readable projects. */
        get: operations["get_api_tunewise_v1_views"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tunewise/v1/views/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a view by name: the caller's own, or that of `project`. */
        get: operations["get_api_tunewise_v1_views_name"];
        /** Create or replace a view: for the caller, or with `project` for everyone who can read that project, which requires write access. The state may have at most 16 kB as JSON. */
        put: operations["put_api_tunewise_v1_views_name"];
        post?: never;
        /** Delete a view by name: the caller's own, or that of `project`. */
        delete: operations["delete_api_tunewise_v1_views_name"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AuditLine: {
            /** Format: int64 */
            sequence: number;
            /** Format: int64 */
            ms: number;
            person: string;
            action: string;
            subject: string;
            detail: string;
        };
        DashboardError: {
            error?: {
                /** @description Problem code; see `tunewise explain`. */
                code: string;
                message: string;
                /** @description Values in the message. */
                about?: Record<string, never>;
                fix?: string;
            };
        };
        Budget: {
            /** Format: int64 */
            project?: number;
            projectName?: string;
            period: string;
            /** Format: int64 */
            microUsd: number;
            /** Format: int64 */
            spentMicroUsd: number;
        };
        TunewiseError: {
            error?: {
                /** @description Problem code; see `tunewise explain`. */
                code: string;
                message: string;
                /** @description Values in the message. */
                about?: Record<string, never>;
                fix?: string;
            };
        };
        ListedDecision: {
            id: string;
            name: string;
            project_name: string;
            /** Format: int64 */
            started_ms: number;
            /** Format: int64 */
            spent_micro_usd: number;
            title: string;
            tone: string;
        };
        HomeSummary: {
            month: {
                /** Format: int64 */
                micro_usd: number;
                /** Format: int64 */
                runs: number;
                /** Format: int64 */
                wasted_micro_usd: number;
                /** Format: int64 */
                wasted_runs: number;
            };
            forecast: components["schemas"]["CostForecast"] | null;
            budget: components["schemas"]["BudgetOutlook"] | null;
            alive: {
                /** Format: int64 */
                count: number;
                /** Format: int64 */
                silent: number;
                /** Format: int64 */
                micro_usd_per_hour: number;
            };
            refused: {
                /** Format: int64 */
                count: number;
                /** Format: int64 */
                micro_usd: number;
            };
            matters: {
                items: components["schemas"]["OpenMatter"][];
                /** Format: int64 */
                total: number;
            };
        };
        ReadableProject: {
            /** Format: int64 */
            number: number;
            name: string;
            role: string;
        };
        PlanAccuracy: {
            runs: {
                items: {
                    id: string;
                    seconds: components["schemas"]["PlannedOutcome"];
                    micro_usd: components["schemas"]["PlannedOutcome"] | null;
                    memory_bytes: components["schemas"]["PlannedOutcome"] | null;
                }[];
                /** Format: int64 */
                total: number;
            };
            seconds: {
                /** Format: int64 */
                count: number;
                median: number;
                worst: number;
                inside: number;
            } | null;
            micro_usd: {
                /** Format: int64 */
                count: number;
                median: number;
                worst: number;
                inside: number;
            } | null;
            memory_bytes: {
                /** Format: int64 */
                count: number;
                median: number;
                worst: number;
                inside: number;
            } | null;
        };
        MoneyOutlook: {
            outlook: components["schemas"]["CostOutlook"];
            alive: components["schemas"]["Alive"];
            refused: {
                items: components["schemas"]["RefusedRun"][];
                /** Format: int64 */
                total: number;
                /** Format: int64 */
                micro_usd: number;
            };
        };
        ServedRecipe: {
            name: string;
            path: string;
            project_name: string;
            problem: string | null;
            obstacle: string | null;
            settings: {
                /** @enum {string} */
                method: "full" | "lora" | "qlora";
                model: string;
                /** Format: int64 */
                max_length: number;
                /** Format: int64 */
                batch_size: number;
                epochs: number | null;
                steps: number | null;
            } | null;
        };
        ShownCheck: {
            /** Format: int64 */
            made_ms: number;
            command: string;
            ok: boolean;
            name: string;
            model: string;
            splits: {
                name: string;
                statistics: {
                    /** Format: int64 */
                    rows: number;
                    /** Format: int64 */
                    tokens: number;
                    /** Format: int64 */
                    labelled_tokens: number;
                    /** Format: int64 */
                    truncated: number;
                    /** Format: int64 */
                    dropped: number;
                    /** Format: int64 */
                    unusable: number;
                    total: {
                        p50: number;
                        max: number;
                    };
                };
            }[];
            memory: {
                /** Format: int64 */
                rows: number;
                /** Format: int64 */
                of: number;
            } | null;
            topics: {
                code: string;
                title: string;
                /** @enum {string} */
                severity: "error" | "warning" | "note";
                meaning: string;
                /** Format: int64 */
                rows: number;
                command: string;
                subjects: {
                    /** @enum {string} */
                    severity: "error" | "warning" | "note";
                    sentences: string[];
                    fix: string;
                    /** Format: int64 */
                    total: number;
                    rows: components["schemas"]["CheckRow"][];
                }[];
            }[];
        };
        ShownPlan: {
            id: string;
            /** Format: int64 */
            made_ms: number;
            fingerprint: string;
            command: string;
            refusal: string | null;
            best: number | null;
            model: {
                source: string;
                /** Format: int64 */
                parameters: number;
                /** Format: int64 */
                trained_parameters: number;
                /** @enum {string} */
                method: "full" | "lora" | "qlora";
                /** Format: int64 */
                rank: number;
            };
            data: {
                /** Format: int64 */
                train_rows: number;
                /** Format: int64 */
                validation_rows: number;
                /** Format: int64 */
                test_rows: number;
                /** Format: int64 */
                tokens_per_epoch: number;
                /** Format: int64 */
                labelled_tokens_per_epoch: number;
                /** Format: int64 */
                longest_tokens: number;
            };
            schedule: {
                /** Format: int64 */
                steps: number;
                epochs: number;
                /** Format: int64 */
                tokens: number;
            };
            derived: {
                key: string;
                value: number;
                reason: string;
            }[];
            places: components["schemas"]["PlanPlace"][];
            findings: components["schemas"]["PlanFinding"][];
            assumptions: {
                key: string;
                value: string;
                origin: string;
            }[];
            cap: {
                micro_usd: number | null;
                seconds: number | null;
            };
            recipe_cap: {
                micro_usd: number | null;
                seconds: number | null;
            };
        };
        AnswersBeside: {
            runs: string[];
            left_out: {
                run: string;
                reason: string;
            }[];
            counts: {
                /** Format: int64 */
                all: number;
                /** Format: int64 */
                scores: number;
                /** Format: int64 */
                answers: number;
            };
            rows: {
                /** Format: int64 */
                row: number;
                question: components["schemas"]["ShownText"];
                reference: components["schemas"]["ShownText"];
                answers: {
                    text: components["schemas"]["ShownText"] | null;
                    is_right: boolean | null;
                    parts: {
                        /** @enum {string} */
                        kind: "same" | "missing" | "added";
                        text: string;
                    }[] | null;
                    scores: {
                        metric: string;
                        value: number | null;
                    }[];
                }[];
            }[];
        };
        RunOutcomes: {
            outcomes: components["schemas"]["RunOutcome"][];
        };
        NamedColumns: {
            columns: components["schemas"]["NamedColumn"][];
            more: boolean;
        };
        Curve: {
            run: string;
            key: string;
            x: number[];
            y: (number | null)[];
            steps: number[];
            special: [
                number,
                "NaN" | "Infinity" | "-Infinity"
            ][];
            /** Format: int64 */
            points: number;
            last: {
                /** Format: int64 */
                step: number;
                /** Format: int64 */
                ms: number;
                value: number | null;
                special: ("NaN" | "Infinity" | "-Infinity") | null;
            };
            dollars_from: ("meter" | "ledger" | "price") | null;
        };
        ScoreDifferences: {
            variants: {
                method: string;
                runs: string[];
                /** Format: int64 */
                rows: number;
                scores: {
                    metric: string;
                    value: number | null;
                }[];
                differences: components["schemas"]["ScoreDifference"][];
            }[];
            left_out: {
                run: string;
                reason: string;
            }[];
            method: string;
        };
        TablePage: {
            /** @description Changes with every write to the store. Send it with the next page to keep the order while scrolling. */
            revision: string;
            /**
             * Format: int64
             * @description Number of matching runs.
             */
            total: number;
            /** Format: int64 */
            offset: number;
            ids: string[];
            columns: components["schemas"]["TableColumn"][];
            pinned: components["schemas"]["TableRows"] | null;
            groups: components["schemas"]["TableGroups"] | null;
        };
        ColumnValues: {
            values: components["schemas"]["ColumnValue"][];
        };
        AnswerRow: {
            /** Format: int64 */
            row: number;
            question: components["schemas"]["ShownText"];
            reference: components["schemas"]["ShownText"];
            base: components["schemas"]["ShownText"] | null;
            tuned: components["schemas"]["ShownText"] | null;
            base_is_right: boolean | null;
            tuned_is_right: boolean | null;
            scores: {
                metric: string;
                base: number | null;
                tuned: number | null;
            }[];
        };
        ShownDecision: {
            title: string;
            tone: string;
            why: string;
            metric: string;
            model: string;
            /** Format: int64 */
            test_rows: number;
            objective: string;
            parts: components["schemas"]["DecisionPart"][];
            arms: {
                name: string;
                is_tuned: boolean;
                is_on_frontier: boolean;
                quality: number;
                low: number | null;
                high: number | null;
                usd_per_thousand_answers: number;
            }[];
            by_volume: {
                from_per_month: number;
                to_per_month: number;
                title: string;
            }[];
            split: {
                question: components["schemas"]["ShownText"];
                reference: components["schemas"]["ShownText"];
                answers: {
                    arm: string;
                    text: components["schemas"]["ShownText"];
                }[];
            }[];
        };
        RunDetails: {
            id: string;
            name: string;
            /** Format: int64 */
            project: number;
            project_name: string;
            person: string;
            /** @enum {string} */
            client: "tunewise" | "mlflow" | "wandb" | "exec" | "api";
            /** @enum {string} */
            purpose: "experiment" | "production";
            /** @enum {string} */
            status: "scheduled" | "running" | "completed" | "stopped" | "interrupted" | "killed" | "crashed" | "failed";
            /** @enum {string} */
            stage: "active" | "deleted";
            /** Format: int64 */
            started_ms: number;
            ended_ms: number | null;
            /** Format: int64 */
            seen_ms: number;
            seconds: number;
            /** Format: int64 */
            spent_micro_usd: number;
            headline: string | null;
            stopped: {
                /** @enum {string} */
                by: "cap" | "guard" | "person" | "search" | "machine" | "fault";
                sentence: string;
            } | null;
            params: {
                items: components["schemas"]["RunFact"][];
                /** Format: int64 */
                total: number;
            };
            tags: {
                items: components["schemas"]["RunFact"][];
                /** Format: int64 */
                total: number;
            };
            metrics: {
                items: components["schemas"]["MetricSummary"][];
                /** Format: int64 */
                total: number;
            };
            ledger: {
                items: components["schemas"]["LedgerPart"][];
                /** Format: int64 */
                total: number;
            };
            budget: {
                cap_micro_usd: number | null;
                cap_seconds: number | null;
                shared: {
                    project: number | null;
                    project_name: string | null;
                    /** @enum {string} */
                    period: "month" | "total";
                    /** Format: int64 */
                    micro_usd: number;
                    /** Format: int64 */
                    spent_micro_usd: number;
                }[];
            };
            launched_by: string | null;
            launched: {
                items: string[];
                /** Format: int64 */
                total: number;
            };
            parent: components["schemas"]["RunParent"] | null;
            repeats: {
                id: string;
                name: string;
                sentence: string;
            } | null;
            approved: {
                person: string;
                /** Format: int64 */
                ms: number;
                detail: string;
            } | null;
            datasets: {
                items: {
                    name: string;
                    digest: string;
                    context: string;
                }[];
                /** Format: int64 */
                total: number;
            };
            commands: {
                show: string;
                stop: string | null;
                run: string | null;
                resume: string | null;
                repeat: string | null;
            };
            own: {
                model: string;
                model_revision: string;
                data_fingerprint: string;
                recipe: components["schemas"]["ShownText"];
                judgement: {
                    title: string;
                    sentence: string;
                } | null;
                /** Format: int64 */
                sessions: number;
                best_step: number | null;
                recipe_path: string | null;
                recipe_settings: string;
                scores: {
                    run_id: string;
                    arm: string;
                    metric: string;
                    value: number | null;
                    /** Format: int64 */
                    rows: number;
                    low: number | null;
                    high: number | null;
                }[];
                seconds: {
                    planned: {
                        low: number;
                        p50: number;
                        p90: number;
                    } | null;
                    actual: number | null;
                };
                micro_usd: {
                    planned: {
                        low: number;
                        p50: number;
                        p90: number;
                    } | null;
                    actual: number | null;
                };
                memory_bytes: {
                    planned: {
                        low: number;
                        p50: number;
                        p90: number;
                    } | null;
                    actual: number | null;
                };
                guards: {
                    items: components["schemas"]["GuardMark"][];
                    /** Format: int64 */
                    total: number;
                };
                findings: {
                    items: Record<string, never>[];
                    /** Format: int64 */
                    total: number;
                };
                forgetting: Record<string, never> | null;
                safety: {
                    verdict: string;
                    sentence: string;
                } | null;
            } | null;
        };
        RunFile: {
            path: string;
            /** Format: int64 */
            bytes: number;
            /** @enum {string} */
            kind: "image" | "audio" | "video" | "table" | "text" | "model" | "other";
        };
        ShownText: {
            text: string;
            length: number | null;
        };
        MetricSummary: {
            key: string;
            last: number | null;
            special: ("NaN" | "Infinity" | "-Infinity") | null;
            /** Format: int64 */
            last_step: number;
            /** Format: int64 */
            last_ms: number;
            min: number | null;
            max: number | null;
            /** Format: int64 */
            points: number;
        };
        Group: {
            name: string;
            /** Format: int64 */
            runs: number;
            /** Format: int64 */
            microUsd: number;
            seconds: number;
        };
        Waste: {
            id: string;
            kind: string;
            /** Format: int64 */
            microUsd: number;
            sentence: string;
        };
        SpendMonth: {
            name: string;
            /** Format: int64 */
            experiment: number;
            /** Format: int64 */
            production: number;
            /** Format: int64 */
            wasted: number;
        };
        SavedViews: {
            views: components["schemas"]["SavedView"][];
        };
        SavedView: {
            name: string;
            /** @description null: private to its owner. */
            project: number | null;
            owner: string;
            /** Format: int64 */
            changed_ms: number;
            /** @description State as saved by the page. */
            state: Record<string, never>;
        };
        RunFact: {
            key: string;
            text: string;
            length: number | null;
        };
        LedgerPart: {
            kind: string;
            /** Format: int64 */
            micro_usd: number;
            seconds: number;
            quantity: number;
            unit: string;
            /** Format: int64 */
            lines: number;
            /** Format: int64 */
            price_micro_usd_per_hour: number;
            price_source: string;
            /** Format: int64 */
            from_ms: number;
            /** Format: int64 */
            to_ms: number;
        };
        RunParent: {
            id: string;
            name: string;
            /** @enum {string} */
            kind: "mlflow-parent" | "repeat" | "other-seed" | "previous";
            differs: {
                items: {
                    key: string;
                    own: components["schemas"]["ShownText"] | null;
                    parent: components["schemas"]["ShownText"] | null;
                }[];
                /** Format: int64 */
                total: number;
            };
        };
        GuardMark: {
            /** Format: int64 */
            step: number;
            /** Format: int64 */
            ms: number;
            guard: string;
            sentence: string;
            to_step: number | null;
            /** @enum {string} */
            act: "warn" | "stop" | "roll-back" | "overruled";
        };
        DecisionPart: {
            title: string;
            sentences: string[];
            table: components["schemas"]["DecisionTable"] | null;
        };
        DecisionTable: {
            columns: {
                title: string;
                is_numeric: boolean;
            }[];
            rows: string[][];
        };
        ColumnValue: {
            value: string | components["schemas"]["TableNumber"];
            /** Format: int64 */
            runs: number;
        };
        /** @description A number. NaN and infinities, which JSON lacks, are strings. */
        TableNumber: number | ("NaN" | "Infinity" | "-Infinity");
        TableColumn: {
            /** @description As requested. */
            name: string;
            /**
             * @description time: milliseconds since 1970. Units: dollars for attributes.spent and attributes.waste, seconds for attributes.duration, percent for attributes.plan.
             * @enum {string}
             */
            kind: "text" | "number" | "time" | "curve";
            values: components["schemas"]["TableCell"][];
            /** @description Indexes of truncated texts. */
            cut: number[];
        };
        TableRows: {
            ids: string[];
            columns: components["schemas"]["TableColumn"][];
        };
        TableGroups: {
            /**
             * Format: int64
             * @description Number of groups; the first 1,000 are listed.
             */
            count: number;
            groups: components["schemas"]["TableGroup"][];
        };
        TableGroup: {
            /** @description Values of the grouping columns; null: runs without a value. */
            values: (string | number | null)[];
            /** Format: int64 */
            runs: number;
            /** @description Statistics of finite numbers by requested column; null: not a numeric column. */
            figures: (components["schemas"]["TableFigures"] | null)[];
        };
        TableFigures: {
            mean: number;
            min: number;
            max: number;
        };
        /** @description By kind of column. text: a string of at most 300 characters; number, time: a number; curve: numbers by step. null: the run has no value. */
        TableCell: string | number | components["schemas"]["TableNumber"][] | null;
        ScoreDifference: {
            metric: string;
            value: number | null;
            /** Format: int64 */
            rows: number;
            sentence: string;
            interval: {
                low: number;
                high: number;
            } | null;
            /** @enum {string} */
            verdict: "better" | "worse" | "unclear";
        };
        NamedColumn: {
            name: string;
            /** @enum {string} */
            kind: "text" | "number" | "time" | "curve";
            /** Format: int64 */
            runs: number;
        };
        RunOutcome: {
            id: string;
            /** @enum {string} */
            outcome: "changed" | "unchanged" | "not_found" | "ended" | "deleted";
        };
        PlanPlace: {
            /** @enum {string} */
            kind: "here" | "own" | "rented" | "hosted";
            name: string;
            provider: string;
            region: string;
            /** @enum {string} */
            pricing: "on-demand" | "spot" | "per-token" | "own";
            /** Format: int64 */
            micro_usd_per_hour: number;
            price: {
                name: string;
                as_of: string | null;
            };
            /** @enum {string} */
            fits: "yes" | "tight" | "no";
            change: string | null;
            seconds: {
                low: number;
                expected: number;
                high: number;
            } | null;
            run_micro_usd: {
                low: number;
                expected: number;
                high: number;
            };
            memory: {
                low: number;
                expected: number;
                high: number;
                usable: number;
                biggest_term: string;
            } | null;
            total: {
                /** Format: int64 */
                p50: number;
                /** Format: int64 */
                p90: number;
                shares: {
                    name: string;
                    share: number;
                }[];
                distribution: {
                    /** Format: int64 */
                    from: number;
                    /** Format: int64 */
                    to: number;
                    counts: number[];
                } | null;
            } | null;
        };
        PlanFinding: {
            code: string;
            /** @enum {string} */
            severity: "error" | "warning" | "note";
            title: string;
            detail: string;
            fix: string;
            /** Format: int64 */
            count: number;
        };
        CheckRow: {
            place: string;
            reason: string;
            prompt: string;
            answer: string;
            lines: {
                /** Format: int64 */
                number: number;
                text: string;
                is_meant: boolean;
            }[];
            other: {
                place: string;
                prompt: string;
                answer: string;
            } | null;
            parts: {
                /** @enum {string} */
                kind: "same" | "missing" | "added";
                text: string;
            }[] | null;
        };
        CostOutlook: {
            /** Format: int64 */
            month_end_ms: number;
            /** Format: int64 */
            spent_micro_usd: number;
            forecast: components["schemas"]["CostForecast"] | null;
            /** Format: int64 */
            days: number;
            /** Format: int64 */
            min_days: number;
            budgets: components["schemas"]["BudgetOutlook"][];
        };
        Alive: {
            runs: {
                items: components["schemas"]["RunAtWork"][];
                /** Format: int64 */
                total: number;
            };
            machines: components["schemas"]["AliveMachine"][];
            /** Format: int64 */
            micro_usd_per_hour: number;
            /** Format: int64 */
            unpriced_runs: number;
            /** Format: int64 */
            silent_runs: number;
        };
        RefusedRun: {
            /** Format: int64 */
            ms: number;
            person: string;
            earlier: string;
            earlier_name: string;
            project_name: string;
            /** Format: int64 */
            micro_usd: number;
        };
        RunAtWork: {
            id: string;
            name: string;
            /** Format: int64 */
            project: number;
            project_name: string;
            person: string;
            /** Format: int64 */
            started_ms: number;
            /** Format: int64 */
            seen_ms: number;
            micro_usd_per_hour: number | null;
            /** Format: int64 */
            spent_micro_usd: number;
            cap_micro_usd: number | null;
            lease_ends_ms: number | null;
        };
        AliveMachine: {
            name: string;
            provider: string;
            offer: string;
            run: string | null;
            /** Format: int64 */
            since_ms: number;
            seen_ms: number | null;
            /** Format: int64 */
            micro_usd_per_hour: number;
            /** Format: int64 */
            spent_micro_usd: number;
            /** Format: int64 */
            cap_micro_usd: number;
            /** Format: int64 */
            worst_micro_usd: number;
            lease_ends_ms: number | null;
            is_ending: boolean;
        };
        CostForecast: {
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            median: number;
            /** Format: int64 */
            high: number;
        };
        BudgetOutlook: {
            project: number | null;
            project_name: string | null;
            /** @enum {string} */
            period: "month" | "total";
            /** Format: int64 */
            micro_usd: number;
            /** Format: int64 */
            spent_micro_usd: number;
            forecast: components["schemas"]["CostForecast"] | null;
            chance_over: number | null;
            /** Format: int64 */
            days: number;
            spent_by: {
                early: number | null;
                median: number | null;
                late: number | null;
            } | null;
        };
        PlannedOutcome: {
            low: number;
            p50: number;
            p90: number;
            actual: number;
            error: number;
            is_inside: boolean;
        };
        OpenMatter: {
            id: string;
            name: string;
            project_name: string;
            sentence: string;
            /** Format: int64 */
            ms: number;
            /** Format: int64 */
            spent_micro_usd: number;
            /** @enum {string} */
            kind: "failed" | "stopped" | "finding" | "repeated" | "undecided";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_api_tunewise_v1_audit: {
        parameters: {
            query?: {
                action?: string;
                person?: string;
                subject?: string;
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lines: components["schemas"]["AuditLine"][];
                        next: number | null;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_budgets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        budgets: components["schemas"]["Budget"][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_changes: {
        parameters: {
            query?: {
                seconds?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_decisions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        decisions: components["schemas"]["ListedDecision"][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_home: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HomeSummary"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_launches: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    id: string;
                    command: string;
                    /** @default  */
                    host?: string;
                    /** @default null */
                    project?: string | null;
                    /** @default  */
                    person?: string;
                    /** @default null */
                    fingerprint?: string | null;
                    /** @default null */
                    family?: string | null;
                    /** @default null */
                    force?: string | null;
                    /** Format: int64 */
                    price_micro_usd_per_hour: number;
                    price_source: string;
                    /** @default null */
                    cap_micro_usd?: number | null;
                    /** @default null */
                    outer?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        similar?: string;
                        warning?: string;
                        launched_by?: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    post_api_tunewise_v1_launches_id_readings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** Format: int64 */
                    micro_usd: number;
                    /** Format: int64 */
                    metered_ms: number;
                    /** @default null */
                    ended?: ("completed" | "failed" | "stopped" | "interrupted") | null;
                    /** @default null */
                    stopped_by?: ("cap" | "guard" | "person" | "search" | "machine" | "fault") | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        stop?: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        isAdmin: boolean;
                        asksWho: boolean;
                        version: string;
                        /** Format: int64 */
                        silent_after_ms: number;
                        projects: components["schemas"]["ReadableProject"][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_money_accuracy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAccuracy"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_money_outlook: {
        parameters: {
            query?: {
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MoneyOutlook"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_recipes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recipes: components["schemas"]["ServedRecipe"][];
                        models: string[];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_recipes_recipe_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recipe: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 4096 bytes. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownCheck"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_recipes_recipe_plan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recipe: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 4096 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    method?: "full" | "lora" | "qlora";
                    model?: string;
                    /** Format: int64 */
                    max_length?: number;
                    /** Format: int64 */
                    batch_size?: number;
                    epochs?: number;
                    /** Format: int64 */
                    steps?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownPlan"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_recipes_recipe_runs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recipe: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 4096 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    plan: string;
                    micro_usd: number | null;
                    seconds: number | null;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: string | null;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_answers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 16384 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    runs: string[];
                    /**
                     * @default all
                     * @enum {string}
                     */
                    only?: "all" | "scores" | "answers";
                    /**
                     * Format: int64
                     * @default 0
                     */
                    offset?: number;
                    /**
                     * Format: int64
                     * @default 50
                     */
                    limit?: number;
                    /** @default false */
                    marks?: boolean;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswersBeside"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_change: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 1048576 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    ids: string[];
                    /** @enum {string} */
                    action: "tag" | "untag" | "stop" | "delete" | "restore" | "rename" | "note";
                    key?: string;
                    value?: string;
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOutcomes"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_columns: {
        parameters: {
            query?: {
                projects?: string | string[];
                search?: string;
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedColumns"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_curves: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 262144 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    runs: string[];
                    keys: string[];
                    /**
                     * @default step
                     * @enum {string}
                     */
                    axis?: "step" | "time" | "dollars";
                    /**
                     * Format: int64
                     * @default 500
                     */
                    places?: number;
                    /** @default null */
                    from?: number;
                    /** @default null */
                    to?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: int64 */
                        places: number;
                        curves: components["schemas"]["Curve"][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_differences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 16384 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    runs: string[];
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScoreDifferences"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_table: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 1048576 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    projects?: number[];
                    /** @default  */
                    filter?: string;
                    /** @default [] */
                    order?: {
                        column: string;
                        /** @default false */
                        descending?: boolean;
                    }[];
                    /** @default [] */
                    columns?: string[];
                    /** @default [] */
                    group?: string[];
                    /** @default [] */
                    pinned?: string[];
                    /**
                     * Format: int64
                     * @default 0
                     */
                    offset?: number;
                    /**
                     * Format: int64
                     * @default 50
                     */
                    limit?: number;
                    /**
                     * @default active
                     * @enum {string}
                     */
                    stage?: "active" | "deleted";
                    /** @default null */
                    revision?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TablePage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_values: {
        parameters: {
            query: {
                projects?: string | string[];
                column: string;
                prefix?: string;
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ColumnValues"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        /** Format: int64 */
                        project: number;
                        client: string;
                        person: string;
                        status: string;
                        stage: string;
                        /** Format: int64 */
                        started_ms: number;
                        /** Format: int64 */
                        ended_ms?: number;
                        /** Format: int64 */
                        seen_ms: number;
                        fingerprint?: string;
                        family?: string;
                        /** Format: int64 */
                        spent_micro_usd: number;
                        stop?: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_answers: {
        parameters: {
            query?: {
                offset?: number;
                limit?: number;
                row?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rows: components["schemas"]["AnswerRow"][];
                        /** Format: int64 */
                        total: number;
                        /** Format: int64 */
                        unreadable: number;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_id_charges: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "tokens" | "storage" | "other";
                    /** Format: int64 */
                    micro_usd: number;
                    /** @default 0 */
                    quantity?: number;
                    /** @default  */
                    unit?: string;
                    source: string;
                    /** @default null */
                    ms?: number | null;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: int64 */
                        spent_micro_usd: number;
                        stop?: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_console: {
        parameters: {
            query?: {
                from?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lines: {
                            /** Format: int64 */
                            line: number;
                            text: string;
                            length: number | null;
                        }[];
                        /** Format: int64 */
                        total: number;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_decision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownDecision"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_decision_file: {
        parameters: {
            query?: {
                format?: "html" | "markdown";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetails"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_file: {
        parameters: {
            query: {
                path: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_files: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["RunFile"][];
                        /** Format: int64 */
                        total: number;
                        elsewhere: string | null;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_rows: {
        parameters: {
            query?: {
                from?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rows: {
                            /** Format: int64 */
                            line: number;
                            /** Format: int64 */
                            step: number;
                            content: components["schemas"]["ShownText"];
                        }[];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        stop: boolean;
                        reason?: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    post_api_tunewise_v1_runs_id_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** @default asked for */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        stop: boolean;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_system: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["MetricSummary"][];
                        /** Format: int64 */
                        total: number;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_runs_id_table: {
        parameters: {
            query: {
                path: string;
                offset?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        columns: {
                            name: string;
                            is_number: boolean;
                        }[];
                        /** Format: int64 */
                        columns_total: number;
                        /** Format: int64 */
                        total: number;
                        note: string | null;
                        rows: (components["schemas"]["ShownText"] | null)[][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    post_api_tunewise_v1_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Maximum size: 4096 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                } | {
                    name: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    delete_api_tunewise_v1_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ok: boolean;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_spend: {
        parameters: {
            query?: {
                by?: string;
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        by: string;
                        /** Format: int64 */
                        microUsd: number;
                        seconds: number;
                        /** Format: int64 */
                        runs: number;
                        groups: components["schemas"]["Group"][];
                        purposes: components["schemas"]["Group"][];
                        waste: components["schemas"]["Waste"][];
                        months: components["schemas"]["SpendMonth"][];
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TunewiseError"];
                };
            };
        };
    };
    get_api_tunewise_v1_views: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedViews"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    get_api_tunewise_v1_views_name: {
        parameters: {
            query?: {
                project?: string | null;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    put_api_tunewise_v1_views_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description Maximum size: 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** @default null */
                    project?: number | null;
                    state: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
    delete_api_tunewise_v1_views_name: {
        parameters: {
            query?: {
                project?: string | null;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardError"];
                };
            };
        };
    };
}
