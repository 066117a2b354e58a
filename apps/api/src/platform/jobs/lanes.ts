/** Kinds of work by what they wait for: `io` for files, network and database (imports, exports, checks), `compute` for
 *  the processor (training, evaluation, style spaces, backfill). Neither waits for the other. */
export const LANES = ['io', 'compute'] as const;
export type Lane = (typeof LANES)[number];

/** How many jobs of a lane one process works on at once; 0 leaves the lane to other processes. */
export type LaneLimits = Readonly<Record<Lane, number>>;

/** Two imports: one that waits for the network leaves room for one that does not. Two computations: an evaluation is not
 *  kept waiting by a training of hours; kinds that take all of the memory exclude each other. */
export const LANE_LIMITS: LaneLimits = { io: 2, compute: 2 };
