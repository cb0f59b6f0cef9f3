import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import type { Projections } from '../projection/projections.js';
import { Keys } from '../access/keys.js';
import { CommandsController } from '../api/commands.controller.js';
import { ComplaintListController } from '../api/complaint-list.controller.js';
import { ComplaintQueriesController } from '../api/complaint-queries.controller.js';
import { ComplaintSearchController } from '../api/complaint-search.controller.js';
import { CodeListsController } from '../api/code-lists.controller.js';
import { BulkCommandSenders } from '../api/bulk-command-senders.js';
import { ImportsController } from '../api/imports.controller.js';
import { JobsController } from '../api/jobs.controller.js';
import { LargeAnswers } from '../api/large-answers.js';
import { ProofController, ServiceAddress } from '../api/proof.controller.js';
import { ProjectionsController } from '../api/projections.controller.js';
import { QueueController } from '../api/queue.controller.js';
import { PROJECTIONS, ReadGate } from '../api/read-gate.js';
import { ReconciliationController } from '../api/reconciliation.controller.js';
import { createReferenceCommandController, ReferenceController } from '../api/reference.controller.js';
import { StreamedAnswers } from '../api/streamed-answer.js';
import { TrendsController } from '../api/trends.controller.js';
import { History } from '../audit/history.js';
import { VERIFY, type Verify } from '../audit/verify.js';
import { complaintDecoder } from '../complaint/command-service.js';
import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import { SubmitCommandHandler } from '../complaint/submit-command-handler.js';
import { createComplaintController } from '../complaint/complaint.controller.js';
import { COMPLAINT_COMMANDS, type ComplaintCommands } from '../complaint/submission.js';
import { complaintCommands } from '../complaint/table.js';
import { EVENT_STORE, type EventStore } from '../eventstore/event-store.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { HealthController, MAY_SEE_DETAILS, READINESS_CHECKS, type ReadinessCheck } from '../platform/health.js';
import { Jobs } from '../platform/jobs.js';
import { Metrics, MetricsController } from '../platform/metrics.js';
import { READ_MODELS, type ReadModels } from '../readmodels/read-models.js';
import { ReferenceCommands } from '../reference/reference-commands.js';
import { ReferenceFold } from '../reference/reference-fold.js';
import { REFERENCE } from '../reference/reference-source.js';
import { SUBJECTS, type SubjectIndex } from '../subject-index/subject-index.js';

/** The dependencies of the application; src/app/service.ts opens and closes them. */
export interface Foundations {
  readonly keys: Keys;
  readonly address: ServiceAddress;
  readonly clock: Clock;
  readonly reference: ReferenceFold;
  readonly referenceCommands: ReferenceCommands;
  readonly metrics: Metrics;
  readonly commands: ComplaintCommands;
  readonly batches: BatchRecorder;
  readonly jobs: Jobs;
  readonly verify: Verify;
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly subjectIndex: SubjectIndex;
  readonly projections: Projections;
  readonly checks: readonly ReadinessCheck[];
}

/** Provides the foundations to every module by their injection tokens. */
@Global()
@Module({})
class FoundationsModule {
  static with(foundations: Foundations): DynamicModule {
    const providers: Provider[] = [
      { provide: Keys, useValue: foundations.keys },
      { provide: ServiceAddress, useValue: foundations.address },
      { provide: CLOCK, useValue: foundations.clock },
      { provide: REFERENCE, useValue: foundations.reference },
      { provide: ReferenceFold, useValue: foundations.reference },
      { provide: ReferenceCommands, useValue: foundations.referenceCommands },
      { provide: Metrics, useValue: foundations.metrics },
      { provide: COMPLAINT_COMMANDS, useValue: foundations.commands },
      { provide: BatchRecorder, useValue: foundations.batches },
      { provide: Jobs, useValue: foundations.jobs },
      { provide: VERIFY, useValue: foundations.verify },
      { provide: EVENT_STORE, useValue: foundations.eventStore },
      { provide: READ_MODELS, useValue: foundations.readModels },
      { provide: SUBJECTS, useValue: foundations.subjectIndex },
      { provide: PROJECTIONS, useValue: foundations.projections },
      { provide: READINESS_CHECKS, useValue: foundations.checks },
      { provide: MAY_SEE_DETAILS, useValue: ({ caller }: FastifyRequest) => caller !== undefined },
      { provide: History, useValue: new History(foundations.eventStore, complaintDecoder, COMPLAINT_STREAMS) },
    ];
    return { module: FoundationsModule, providers, exports: providers };
  }
}

/** Commands: single requests, bulk requests, and imports of public registers. */
@Module({
  controllers: [
    createComplaintController(complaintCommands),
    createReferenceCommandController(),
    CommandsController,
    ImportsController,
  ],
  providers: [SubmitCommandHandler, BulkCommandSenders, StreamedAnswers],
})
class CommandsModule {}

/** Queries of the read models and of the history. */
@Module({
  controllers: [
    ComplaintListController,
    ComplaintQueriesController,
    ComplaintSearchController,
    QueueController,
    ReferenceController,
    TrendsController,
    ReconciliationController,
    CodeListsController,
  ],
  providers: [ReadGate, { provide: LargeAnswers, useFactory: () => new LargeAnswers() }],
})
class QueriesModule {}

/** Health, metrics, the proof of the service, and long operations on the stores. */
@Module({ controllers: [HealthController, MetricsController, ProofController, ProjectionsController, JobsController] })
class OperationsModule {}

@Module({})
export class AppModule {
  /** In the roles `projections` and `timers` a process serves only health, metrics and operations. */
  static forRole(role: Configuration['role'], foundations: Foundations): DynamicModule {
    const features = role === 'projections' || role === 'timers' ? [] : [CommandsModule, QueriesModule];
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), FoundationsModule.with(foundations), OperationsModule, ...features],
    };
  }
}
