/** @file Generated from schema/openapi.json by tools/generate.ts. */
export interface paths {
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
    "/api/tunewise/v1/launches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Notes a command down before it starts. 409 where the same one ran before, 403 where its budget is spent. `force` says why it shall run all the same. */
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
        /** Asks a run to save and stop; the first reason is kept. */
        post: operations["post_api_tunewise_v1_runs_id_stop"];
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
        /** The ledger of the projects that may be read, summed by project, person, client, purpose, status, month, run or tag:KEY. Money is in millionths of a dollar. */
        get: operations["get_api_tunewise_v1_spend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
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
        ReadableProject: {
            /** Format: int64 */
            number: number;
            name: string;
            role: string;
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
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
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
}
