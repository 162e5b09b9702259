/**
 * @file What no rule of a program gives: workspaces, the allocator's slack, the driver's context, and how far estimates
 *   were off.
 */

/**
 * Overheads on a GPU.
 *
 * @source planning reference, section 1.4; `low` and `high` are the 5 % and 95 % points of measured over planned on 82
 *   published rows, and test/planner computes them again without the stack that it scores
 */
export const overheads = {
  /** Workspaces of the matrix library, part of what is allocated: 8 MiB on a T4, 32 MiB on an H100. */
  workspaceBytes: 20e6,
  /** What the allocator holds back, as a share of everything that comes and goes. Up to 0.5 was seen on a T4. */
  slackShare: 0.05,
  slackShareMost: 0.15,
  /** Context of driver and kernels: 0.15e9 on a T4, up to 1.8e9 with many kernels. */
  contextBytes: 0.6e9,
  contextBytesMost: 1.2e9,
  /** Buffers of collective operations. */
  collectiveBytes: 1e9,
  /** Measured over planned. */
  low: 0.93,
  high: 1.12,
} as const;
