export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Every sample is kept, so percentiles are exact: a minute at 3,000 orders/s is 1.4 MB, less than the error of a
 * histogram is worth.
 */
export class Samples {
  #values = new Float64Array(1024);
  #count = 0;
  #sorted = true;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#sorted = false;
  }

  /**
   * Nearest rank: the smallest sample that at least `share` (0 to 1) of all samples don't exceed. NaN without samples.
   */
  percentile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    if (!this.#sorted) {
      this.#values.subarray(0, this.#count).sort();
      this.#sorted = true;
    }
    const rank = Math.min(this.#count, Math.max(1, Math.ceil(share * this.#count)));
    return this.#values[rank - 1] ?? Number.NaN;
  }

  percentiles(): Percentiles {
    return {
      count: this.#count,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: this.percentile(1),
    };
  }
}
