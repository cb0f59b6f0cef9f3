import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates the log: JSON lines on standard output, each with the name of its level. Do not log bodies, queries or personal
 * data.
 */
export const createLog = (level: LogLevel, destination: DestinationStream = pino.destination(1)): Logger =>
  pino({ level, base: null, formatters: { level: (name) => ({ level: name }) } }, destination);

/** A logger for Nest that writes its messages to the same log; those of level `log` become `debug`. */
export function nestLog(log: Logger): LoggerService {
  const writer =
    (level: 'error' | 'warn' | 'debug' | 'trace') =>
    (message: unknown, ...parameters: unknown[]) => {
      log[level]({ context: parameters.at(-1) }, String(message)); // Nest passes the context last
    };
  return {
    log: writer('debug'),
    error: writer('error'),
    warn: writer('warn'),
    debug: writer('debug'),
    verbose: writer('trace'),
    fatal: writer('error'),
  };
}

/** The stack of an error, for the log; for any other thrown value, its text. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
