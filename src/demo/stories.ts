import { bankStories } from './stories/bank.js';
import { deliveryStories } from './stories/delivery.js';
import { hotelStories } from './stories/hotel.js';
import { restaurantStories } from './stories/restaurant.js';
import { softwareStories } from './stories/software.js';
import { telecomStories } from './stories/telecom.js';
import { utilityStories } from './stories/utilities.js';
import type { Story } from './story.js';

/** Everything the demo plays: people, places and companies are invented. */
export const stories: readonly Story[] = [
  ...restaurantStories,
  ...hotelStories,
  ...deliveryStories,
  ...telecomStories,
  ...bankStories,
  ...softwareStories,
  ...utilityStories,
];
