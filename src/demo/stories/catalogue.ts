import { bankStories } from './bank.js';
import { deliveryStories } from './delivery.js';
import { hotelStories } from './hotel.js';
import { restaurantStories } from './restaurant.js';
import { softwareStories } from './software.js';
import { telecomStories } from './telecom.js';
import { utilityStories } from './utilities.js';
import type { Story } from '../story.js';

/** All stories of the demo. People and companies are invented. */
export const stories: readonly Story[] = [
  ...restaurantStories,
  ...hotelStories,
  ...deliveryStories,
  ...telecomStories,
  ...bankStories,
  ...softwareStories,
  ...utilityStories,
];
