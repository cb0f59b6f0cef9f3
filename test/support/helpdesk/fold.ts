import type { HelpdeskRow } from './rows.js';

/** What a ticket looks like at a point in time, worked out from the rows alone. */
export interface TicketState {
  readonly stage: 'Received' | 'UnderAssessment' | 'Closed';
  readonly episode: number;
  readonly ownership: 'Unassigned' | 'Assigned' | 'PickedUp';
  /** In lower case. */
  readonly handler: string | null;
  readonly unit: string | null;
  readonly waits: number;
  readonly contacts: number;
  readonly chasers: number;
  readonly notes: number;
  readonly rated: boolean;
  readonly category: string | null;
  readonly closedAs: string | null;
}

/** The state after the rows; undefined without rows. Rows that the service reported as refused are not among them. */
export function ticketAfter(rows: readonly HelpdeskRow[]): TicketState | undefined {
  let state: TicketState | undefined;
  for (const row of rows) state = state === undefined ? NEW_TICKET : after(state, row);
  return state;
}

const NEW_TICKET: TicketState = {
  stage: 'Received',
  episode: 1,
  ownership: 'Unassigned',
  handler: null,
  unit: null,
  waits: 0,
  contacts: 0,
  chasers: 0,
  notes: 0,
  rated: false,
  category: null,
  closedAs: null,
};

function after(state: TicketState, row: HelpdeskRow): TicketState {
  const begun = state.stage === 'Received' ? ('UnderAssessment' as const) : state.stage;
  switch (row.event) {
    case 'categorised':
      return { ...state, stage: begun, category: row.category ?? null };
    case 'assigned': {
      const handler = row.to?.toLowerCase() ?? null;
      const unit = row.toGroup ?? state.unit;
      const isSame = state.ownership !== 'Unassigned' && handler === state.handler && unit === state.unit;
      return isSame ? state : { ...state, stage: begun, ownership: 'Assigned', handler, unit };
    }
    case 'accepted':
      return { ...state, ownership: 'PickedUp', handler: row.agent?.toLowerCase() ?? null };
    case 'waiting':
      return { ...state, waits: state.waits + 1 };
    case 'resumed':
      return { ...state, waits: state.waits - 1 };
    case 'replied':
      return { ...state, contacts: state.contacts + 1 };
    case 'message':
      return { ...state, contacts: state.contacts + 1, chasers: state.chasers + (row.chases === true ? 1 : 0) };
    case 'note':
      return { ...state, notes: state.notes + 1 };
    case 'closed':
      return { ...state, stage: 'Closed', waits: 0, closedAs: row.text ?? null };
    case 'rated':
      return { ...state, rated: true };
    case 'reopened':
      return { ...state, stage: 'UnderAssessment', episode: state.episode + 1, rated: false };
    default:
      return state;
  }
}
