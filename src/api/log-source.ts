import type { LogSource } from '../audit/verify.js';

/** Opens the log as it is stored, for verification; close it afterwards. */
export type OpenLogSource = () => Promise<LogSource & { close(): void }>;

export const LOG_SOURCE = Symbol('LogSource');
