import { FaultyReadModels } from '../support/projections/faulty-read-models.js';
import { describeParking } from './projection-parking.contract.js';

describeParking('embedded read models', () => new FaultyReadModels());
