/** @file Generated from schema/openapi.json by tools/generate.ts. */
export interface paths {
    "/api/tunewise/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of the audit, newest first, for admins: by action, person and subject. `next`, as `before`, gives the lines before these; null: there are none. */
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
        /** Budgets of the projects that may be read, and what is spent of each. */
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
        /** Server-sent events, one a second at most: ids of the runs that changed since the event before, of those that may be read. The first comes at once. `Last-Event-ID`, or `after` with such an id, tells of all since then; a run may be told twice, and none is left out. Nothing comes while nothing changes, but a comment every 25 seconds. The stream ends after `seconds` (600); 0: after the first event. */
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
        /** Comparisons of ways to answer, newest first, with their verdicts. */
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
        /** What Home says above the runs, of projects that may be read: this month's costs, waste and forecast, the budget of which most is spent, what is alive in dollars an hour, duplicates that were refused this month, and runs of the last 14 days that need somebody. A tag `tunewise.seen` whose value is a run's `ms` takes it out of `matters`. */
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
        /** Notes a command down before it starts. 409 where the same one ran before, 403 where its budget is spent. `force` says why it shall run all the same. `outer` names the command that it runs in, whose seconds it shares. */
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
        /** What the command's meter says since its start; what is new of it goes into the ledger. Gives why the command is to stop. */
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
        /** Who calls, what they may read, and whether this server asks who somebody is. */
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
        /** Plans of the last 200 completed runs of this engine beside what came of them: time, cost and memory, as `tunewise plan --accuracy` has it. Runs whose folder is not on this server, or that were resumed, are left out. */
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
        /** A forecast of this month and of each budget, an interval that holds four of five outcomes with the days that it rests on; runs at work and rented machines that are not known to be gone, in dollars an hour, with their caps and when leases end; duplicates that were refused since a day, with what the earlier runs have cost. */
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
        /** Recipes that the caller may plan, check and start, and the models that a plan may be made for beside theirs. */
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
        /** Checks the data of a recipe: findings with masked rows, the worst first. */
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
        /** Plans a recipe, with other settings where they are given: cost with its distribution and drivers, time, memory, places, findings. Nothing is started. */
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
        /** Starts the run of a plan that was shown, within any cap: dollars, or seconds on a machine without a price. 409 for a cap in the other unit, a plan that is no longer true, and one that cannot be started from here. `run` is null while it is prepared. */
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
        /** Answers of the tuned models of runs to the rows that all of them were tested on, 50 rows at most. `only`: all, those whose scores differ, or those whose answers differ; `counts` says how many there are of each. `marks`: also the words in which answers differ from that of the first run. */
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
        /** Changes runs, all of them in projects where the caller may write: tag (key, value), untag (key), stop (reason), delete, restore, rename (value), note (value; empty drops it). Gives what came of each. */
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
        /** Metrics, parameters and tags of the runs that may be read, the most common first. `search` is a part of the key, `projects` numbers with commas between them. */
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
        /** Curves of metrics, up to 100 runs and 100 keys, 2,000 curves in all. `axis`: step, time (seconds since the run's start) or dollars (what it had cost by then; `dollars_from` says by what). Each of `places` along the axis is shown by the first, lowest, highest and last of its points, all of them logged. `from` and `to`, both included, give a part: what is new, from the step behind the last one on. Values that JSON lacks are null, and `special` says which they are. `places` of the reply: what each curve was given. */
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
        /** Differences of the scores of runs to the first one, as `tunewise compare` finds and words them: paired over the same test rows, with 95 % intervals. Runs that differ in the seed alone are one way. `left_out`: runs that are not compared, and why; those of other clients have one value of each score, which tells nothing about chance. */
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
        /** A page of the runs that may be read, column by column. Columns are metrics.KEY, params.KEY, tags.KEY (keys as they are), curve.KEY (about 24 values of a metric over steps, at most 8 of these) and attributes.NAME: run_id, name, status, start_time, end_time, duration, client, person, project, purpose, spent, waste, waste_kind, plan. The filter is MLflow's language with OR, NOT, brackets, and numbers compared with parameters and tags. Without a value runs come last, NaN before them; the newest first where all else is equal. */
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
        /** Values of a column that begin with a text, the most common first. */
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
        /** A run of any client: how it stands, what it cost. Times are milliseconds since 1970. */
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
        /** Answers of an own run by row: question, reference, base and tuned model, and how they count. `row` gives one row with longer texts. */
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
        /** Charges a run for what no meter sees, and gives what it has cost and why it is to stop. `kind` is tokens, storage or other, `source` the bill or price list with its date. A call that may be repeated says in `ms` when the charge was incurred: the same one counts once (then 200). The address in TUNEWISE_CHARGE_URL. */
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
        /** Lines that a run printed, from a line on; `total` grows while it works. */
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
        /** The decision of a comparison, and its evidence in the words of the report. 404 where it is not finished, or its folder is not on this server. */
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
        /** The decision as one file to hand on: HTML or Markdown. */
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
        /** What is known of a run of any client: how it stands and why, parameters, tags, metrics, ledger with its prices, budgets, where it comes from and in what it differs, data, commands; of own runs the plan beside what it came to, what guards said at which step, findings, forgetting, safety. Long lists and texts are cut, and say how long they are. */
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
        /** A file of a run, by its path in `files`: pictures and sounds as such, everything else as a download, in parts where a client asks for parts. */
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
        /** Files of a run: what its client logged, and of own runs those of its folder, where that is here. 2,000 at most. */
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
        /** Rows that a W&B client logged and that are no numbers: tables, media, texts, as JSON. */
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
        /** Whether a run is to stop, for callbacks: the address in TUNEWISE_STOP_URL. */
        get: operations["get_api_tunewise_v1_runs_id_stop"];
        put?: never;
        /** Asks a run to save and stop; the first reason is kept. `stop` is false where the run has ended, which then stays as it ended. */
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
        /** Metrics of a run's machine: their keys, last values and extremes. Curves: runs/curves. */
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
        /** Rows of a table that a W&B client logged (a file NAME.table.json), cells as texts of at most 500 letters. Media in cells are named; `note` says what is not shown. */
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
        /** Signs a page in by a name with a password, or by a token: the reply sets a cookie, which other pages and scripts cannot read. */
        post: operations["post_api_tunewise_v1_session"];
        /** Signs the page out: its cookie is worth nothing any more. */
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
        /** The ledger of the projects that may be read, summed by project, person, client, purpose, method, status, month, run or tag:KEY. Money is in millionths of a dollar. */
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
        /** One's own views, and those of projects that may be read. */
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
        /** A view by its name; of a project where the query names one. */
        get: operations["get_api_tunewise_v1_views_name"];
        /** Saves a view in place of the one of its name: for oneself, or with a project for all who may read it, which takes the right to write there. The state has at most 16 kB as JSON. */
        put: operations["put_api_tunewise_v1_views_name"];
        post?: never;
        /** Deletes a view; of a project where the query names one. */
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
                /** @description as `tunewise explain` knows it */
                code: string;
                message: string;
                /** @description the facts of the sentence */
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
                /** @description as `tunewise explain` knows it */
                code: string;
                message: string;
                /** @description the facts of the sentence */
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
            ways: {
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
            /** @description Changes with everything in the store. Sent back, it keeps the order while one scrolls. */
            revision: string;
            /**
             * Format: int64
             * @description Runs that fit.
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
            /** @description null: its owner's alone. */
            project: number | null;
            owner: string;
            /** Format: int64 */
            changed_ms: number;
            /** @description As the page saved it. */
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
        /** @description A number; those that JSON lacks come as texts. */
        TableNumber: number | ("NaN" | "Infinity" | "-Infinity");
        TableColumn: {
            /** @description As it was asked for. */
            name: string;
            /**
             * @description time: milliseconds since 1970. Money (attributes.spent, attributes.waste) is in dollars, attributes.duration in seconds, attributes.plan in percent.
             * @enum {string}
             */
            kind: "text" | "number" | "time" | "curve";
            values: components["schemas"]["TableCell"][];
            /** @description Places of texts that are longer than what stands there. */
            cut: number[];
        };
        TableRows: {
            ids: string[];
            columns: components["schemas"]["TableColumn"][];
        };
        TableGroups: {
            /**
             * Format: int64
             * @description How many there are; the first 1,000 are listed.
             */
            count: number;
            groups: components["schemas"]["TableGroup"][];
        };
        TableGroup: {
            /** @description By the columns of the grouping; null: the runs without one. */
            values: (string | number | null)[];
            /** Format: int64 */
            runs: number;
            /** @description Of finite numbers, by the columns asked for; null for one that is none. */
            figures: (components["schemas"]["TableFigures"] | null)[];
        };
        TableFigures: {
            mean: number;
            min: number;
            max: number;
        };
        /** @description By the column's kind: text a text of at most 300 letters, number and time a number, curve a list of numbers over steps. null: the run has none. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HomeSummary"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 65536 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 65536 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAccuracy"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MoneyOutlook"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 4096 bytes. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownCheck"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 4096 bytes. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownPlan"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 4096 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 16384 bytes. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswersBeside"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 1048576 bytes. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOutcomes"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedColumns"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 262144 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 16384 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    runs: string[];
                };
            };
        };
        responses: {
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScoreDifferences"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 1048576 bytes. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TablePage"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ColumnValues"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 65536 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownDecision"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetails"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 65536 bytes. */
        requestBody: {
            content: {
                "application/json": {
                    /** @default asked for */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
        /** @description At most 4096 bytes. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
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
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedViews"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description What went wrong. */
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
        /** @description At most 65536 bytes. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description What went wrong. */
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
            /** @description As it should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description What went wrong. */
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
