import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** The result of an export, as an exporter reports it: 0 if it succeeded. */
type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

const SUCCESS = 0;

/** Passes spans to another exporter. Reports the first failure, and the first one after each success. */
export class ReportedExporter implements SpanExporter {
  private isFailing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly onFailure: (error: Error | undefined) => void,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      const fails = (result.code as number) !== SUCCESS;
      if (fails && !this.isFailing) this.onFailure(result.error);
      this.isFailing = fails;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
