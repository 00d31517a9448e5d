# SPDX-License-Identifier: Apache-2.0
"""The line of scenarios/million.toml as it stands, one run in SimPy 3 or 4: ten machines with buffers of eight between them,
machine 6 jams; with throughput and mean lead time after the warm-up, and nothing else.

usage: million_line.py PARTS WARMUP_PARTS SEED    prints: parts per hour, mean lead time [s], seconds of processor time
"""
import random
import sys
import time

import simpy

CYCLE_S, EVERY_S, REPAIR_S, PLACES, MACHINES = 40.0, 7200.0, 360.0, 8, 10


class Line:
    def __init__(self, env, parts, warmup, seed):
        self.env, self.parts, self.warmup = env, parts, warmup
        self.random = random.Random(seed)
        self.buffers = [simpy.Store(env, capacity=PLACES) for _ in range(MACHINES - 1)]
        self.done, self.start, self.leads = 0, 0.0, 0.0
        self.end = env.event()
        for k in range(MACHINES):
            env.process(self.machine(k))

    def machine(self, k):
        exponential = self.random.expovariate
        to_failure = exponential(1 / EVERY_S)
        while True:
            entered = (yield self.buffers[k - 1].get()) if k > 0 else self.env.now
            work = exponential(1 / CYCLE_S)
            # Failures come after so much work, and the work goes on after the repair.
            while k == 5 and to_failure < work:
                yield self.env.timeout(to_failure)
                work -= to_failure
                yield self.env.timeout(exponential(1 / REPAIR_S))
                to_failure = exponential(1 / EVERY_S)
            to_failure -= work
            yield self.env.timeout(work)
            if k < MACHINES - 1:
                yield self.buffers[k].put(entered)
            else:
                self.leave(entered)

    def leave(self, entered):
        self.done += 1
        if self.done > self.warmup:
            self.leads += self.env.now - entered
        if self.done == self.warmup:
            self.start = self.env.now
        if self.done == self.parts:
            self.end.succeed()


def main():
    parts, warmup, seed = (int(word) for word in sys.argv[1:4])
    env = simpy.Environment()
    line = Line(env, parts, warmup, seed)
    start = time.process_time()
    env.run(until=line.end)
    took = time.process_time() - start
    counted = parts - warmup
    print(3600 * counted / (env.now - line.start), line.leads / counted, took)


main()
