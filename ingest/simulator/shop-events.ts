import { type Arrival, Shop, type ShopOptions } from './shop.ts'

/** The events of a simulated shop in the order of arrival, without end and without waiting: time is only a number in them. */
export function* shopEvents(options: ShopOptions): Generator<Arrival, never> {
  const shop = new Shop(options)
  for (;;) {
    const arrival = shop.step()
    if (arrival !== undefined) yield arrival
  }
}
