import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Projections } from '../projection/projections.js';
import { Keys } from '../access/keys.js';
import { CommandsController } from '../api/commands.controller.js';
import { ComplaintQueriesController } from '../api/complaint-queries.controller.js';
import { BulkCommandSenders } from '../api/bulk-command-senders.js';
import { ImportsController } from '../api/imports.controller.js';
import { JobsController } from '../api/jobs.controller.js';
import { ProjectionsController } from '../api/projections.controller.js';
import { QueueController } from '../api/queue.controller.js';
import { PROJECTIONS, ReadGate } from '../api/read-gate.js';
import { ReconciliationController } from '../api/reconciliation.controller.js';
import { StreamedAnswers } from '../api/streamed-answer.js';
import { TrendsController } from '../api/trends.controller.js';
import { History } from '../audit/history.js';
import { VERIFY, type Verify } from '../audit/verify.js';
import { COMPLAINT_STREAMS, complaintDecoder } from '../complaint/command-service.js';
import { SubmitCommandHandler } from '../complaint/submit-command-handler.js';
import { createComplaintController } from '../complaint/complaint.controller.js';
import type { ComplaintSettings } from '../complaint/decision.js';
import { COMMAND_SERVICE, COMPLAINT_SETTINGS, type ComplaintCommands } from '../complaint/submission.js';
import { complaintCommands } from '../complaint/table.js';
import type { EventStore } from '../eventstore/event-store.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { HealthController, READINESS_CHECKS, type ReadinessCheck } from '../platform/health.js';
import { Jobs } from '../platform/jobs.js';
import { Metrics, MetricsController } from '../platform/metrics.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';

/** The dependencies of the application; src/app/service.ts opens and closes them. */
export interface Foundations {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly settings: ComplaintSettings;
  readonly metrics: Metrics;
  readonly commands: ComplaintCommands;
  readonly book: BatchRecorder;
  readonly jobs: Jobs;
  readonly verify: Verify;
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projections: Projections;
  readonly checks: readonly ReadinessCheck[];
}

const OPERATIONS = [HealthController, MetricsController, ProjectionsController, JobsController];

const COMPLAINTS = [
  createComplaintController(complaintCommands),
  ComplaintQueriesController,
  QueueController,
  TrendsController,
  ReconciliationController,
  CommandsController,
  ImportsController,
];

@Module({})
export class AppModule {
  /** In the role `projections` a process serves only the operations on read models; it accepts no commands. */
  static on(role: Configuration['role'], foundations: Foundations): DynamicModule {
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot()],
      controllers: role === 'projections' ? OPERATIONS : [...OPERATIONS, ...COMPLAINTS],
      providers: [
        SubmitCommandHandler,
        ReadGate,
        BulkCommandSenders,
        StreamedAnswers,
        { provide: Keys, useValue: foundations.keys },
        { provide: CLOCK, useValue: foundations.clock },
        { provide: COMPLAINT_SETTINGS, useValue: foundations.settings },
        { provide: Metrics, useValue: foundations.metrics },
        { provide: COMMAND_SERVICE, useValue: foundations.commands },
        { provide: BatchRecorder, useValue: foundations.book },
        { provide: Jobs, useValue: foundations.jobs },
        { provide: VERIFY, useValue: foundations.verify },
        { provide: READ_MODELS, useValue: foundations.readModels },
        { provide: PROJECTIONS, useValue: foundations.projections },
        { provide: READINESS_CHECKS, useValue: foundations.checks },
        { provide: History, useValue: new History(foundations.eventStore, complaintDecoder, COMPLAINT_STREAMS) },
      ],
    };
  }
}
