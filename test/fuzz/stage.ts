import type { World } from './world.ts';

/** The world that is asked at the moment, and the next one when nobody can sign in to it any more. */
export class Stage implements AsyncDisposable {
  readonly #open: () => Promise<World>;
  #world: World | undefined;

  constructor(open: () => Promise<World>) {
    this.#open = open;
  }

  async world(): Promise<World> {
    if (this.#world === undefined) {
      this.#world = await this.#open();
      await this.#world.feed();
    }
    return this.#world;
  }

  /** @throws {Error} when the appliance does not work any more */
  async leave(): Promise<void> {
    await using world = this.#world;
    this.#world = undefined;
    await world?.assertAlive();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }
}
