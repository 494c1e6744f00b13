# SPDX-License-Identifier: MIT
"""Structs by value: a numpy record or a ctypes structure of the parameter's exact size."""

import ctypes
import sys

import cujitsu as cj
import numpy as np

SOURCE = """
struct Particle { float x, y, z; int steps; };
struct Step { float dx, dy, dz; int count; };

__global__ void move(Particle* particles, Step step, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    particles[i].x += step.dx * step.count;
    particles[i].y += step.dy * step.count;
    particles[i].z += step.dz * step.count;
    particles[i].steps += step.count;
}
"""

particle_type = np.dtype([("x", "f4"), ("y", "f4"), ("z", "f4"), ("steps", "i4")])
step_type = np.dtype([("dx", "f4"), ("dy", "f4"), ("dz", "f4"), ("count", "i4")])


class Step(ctypes.Structure):
    _fields_ = [("dx", ctypes.c_float), ("dy", ctypes.c_float), ("dz", ctypes.c_float), ("count", ctypes.c_int)]


module = cj.SourceModule(SOURCE)
print(module.kernels[0].signature)

if not cj.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

move = module.get_function("move")
particles = np.zeros(1000, particle_type)
move(cj.InOut(particles), np.array((1, 2, 3, 2), step_type)[()], particles.size, grid=4, block=256)
move(cj.InOut(particles), Step(0.5, 0.5, 0.5, 4), particles.size, grid=4, block=256)

assert (particles["x"] == 4).all()
assert (particles["y"] == 6).all()
assert (particles["z"] == 8).all()
assert (particles["steps"] == 6).all()
print("every particle is where it should be")
