import { orderRequest } from './basket.ts';
import { type Burst, burst, placeBurst, stopBurst } from './burst.ts';
import { count, span } from './format.ts';
import { ProblemNote } from './parts.tsx';
import { burstSizes } from './scenarios.ts';

export function BurstPanel({ isEmpty }: { readonly isEmpty: boolean }) {
  const now = burst.value;
  const isUnderWay = now !== undefined && now.endedAt === undefined && !now.isStopped;
  return (
    <div class="burst">
      <div class="burst-buttons">
        <span id="burst-title">A burst of this order</span>
        {burstSizes.map((size) => (
          <button
            type="button"
            key={size}
            class="minor"
            disabled={isEmpty || isUnderWay}
            onClick={() => void placeBurst(size, orderRequest())}
          >
            <span class="unseen">Place </span>×{count(size)}
            <span class="unseen"> orders</span>
          </button>
        ))}
        {isUnderWay && (
          <button type="button" class="minor" onClick={stopBurst}>
            Stop
          </button>
        )}
      </div>
      {now !== undefined && <BurstProgress burst={now} />}
    </div>
  );
}

function BurstProgress({
  burst: { size, accepted, refused, confirmed, cancelled, startedAt, endedAt, problem },
}: {
  readonly burst: Burst;
}) {
  const ended = confirmed + cancelled;
  const parts = [
    `${count(accepted)} of ${count(size)} accepted`,
    `${count(confirmed)} confirmed`,
    ...(cancelled > 0 ? [`${count(cancelled)} cancelled`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
  ];
  return (
    <div class="burst-progress">
      <svg
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(ended)} of ${count(size)} orders have ended`}
      >
        <rect class="bar-all" width="100" height="6" />
        <rect class="bar-accepted" width={(accepted / size) * 100} height="6" />
        <rect class="bar-confirmed" width={(confirmed / size) * 100} height="6" />
        <rect
          class="bar-cancelled"
          x={(confirmed / size) * 100}
          width={(cancelled / size) * 100}
          height="6"
        />
      </svg>
      <p>
        {parts.join(' · ')}
        {endedAt !== undefined && <span class="quiet"> in {span(endedAt - startedAt)}</span>}
      </p>
      {refused > 0 && <ProblemNote error={problem} />}
    </div>
  );
}
