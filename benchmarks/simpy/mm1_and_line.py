# SPDX-License-Identifier: Apache-2.0
"""M/M/1 and a line of ten machines in SimPy 3 or 4, as its manual would have them written.

usage: mm1_and_line.py mm1|line10 HORIZON    prints: operations, seconds of processor time
"""
import random
import sys
import time

import simpy


class Count:
    operations = 0


def mm1(env, count):
    queue = simpy.Store(env)

    def arrivals():
        while True:
            yield env.timeout(random.expovariate(0.9))
            yield queue.put(env.now)

    def server():
        while True:
            yield queue.get()
            yield env.timeout(random.expovariate(1.0))
            count.operations += 1

    env.process(arrivals())
    env.process(server())


def line(env, count, machines=10, places=5):
    buffers = [simpy.Store(env, capacity=places) for _ in range(machines - 1)]

    def machine(k):
        while True:
            if k > 0:
                yield buffers[k - 1].get()
            yield env.timeout(random.expovariate(1.0))
            count.operations += 1
            if k < machines - 1:
                yield buffers[k].put(env.now)

    for k in range(machines):
        env.process(machine(k))


def main():
    workload, horizon = sys.argv[1], float(sys.argv[2])
    random.seed(1)
    env = simpy.Environment()
    count = Count()
    {"mm1": mm1, "line10": line}[workload](env, count)
    start = time.process_time()
    env.run(until=horizon)
    print(count.operations, time.process_time() - start)


if __name__ == "__main__":
    main()
