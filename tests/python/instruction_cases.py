# SPDX-License-Identifier: MIT
"""Instructions as inline PTX: what softgpu refuses, and what it executes beside the families of tests/numbers."""
# ruff: noqa: E501  (instructions)

from __future__ import annotations

# r: b32, d: b64 (d0: the output), f: f32, p: predicates, h: b16; s: shared memory. r8 and r9 are 0.
DECLARATIONS = ".reg .b32 r<32>; .reg .b64 d<16>; .reg .f32 f<16>; .reg .pred p<4>; .reg .b16 h<8>; .reg .b128 q; .shared .align 128 .b8 s[256];"

F8 = "{f0, f1, f2, f3, f4, f5, f6, f7}"
R8 = "{r0, r1, r2, r3, r4, r5, r6, r7}"
F4 = "{f0, f1, f2, f3}"

# As docs/softgpu.md names it: the instruction. ptxas takes them all, for the oldest target that has them.
REFUSED = {
    "wmma.load": f"wmma.load.a.sync.aligned.row.m16n16k16.global.f16 {R8}, [d0], r8;",
    "wmma.store": f"wmma.store.d.sync.aligned.row.m16n16k16.global.f32 [d0], {F8}, r8;",
    "wmma.mma": f"wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32 {F8}, {R8}, {R8}, {F8};",
    "mma": f"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {F4}, {{r0, r1, r2, r3}}, {{r4, r5}}, {F4};",
    "mma.sp": f"mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {F4}, {{r0, r1}}, {{r2, r3}}, {F4}, r4, 0x0;",
    "ldmatrix": "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {r0, r1, r2, r3}, [r8];",
    "stmatrix": "stmatrix.sync.aligned.m8n8.x1.shared.b16 [r8], {r0};",
    "movmatrix": "movmatrix.sync.aligned.m8n8.trans.b16 r0, r1;",
    "wgmma.fence": "wgmma.fence.sync.aligned;",
    "wgmma.mma_async": f"wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {F4}, d0, d1, p0, 1, 1, 0, 0;",
    "wgmma.commit_group": "wgmma.commit_group.sync.aligned;",
    "wgmma.wait_group": "wgmma.wait_group.sync.aligned 0;",
    "tcgen05.alloc": "tcgen05.alloc.cta_group::1.sync.aligned.shared::cta.b32 [r8], 32;",
    "tcgen05.dealloc": "tcgen05.dealloc.cta_group::1.sync.aligned.b32 r0, 32;",
    "tcgen05.mma": "tcgen05.mma.cta_group::1.kind::f16 [r0], d0, d1, r1, p0;",
    "tcgen05.ld": "tcgen05.ld.sync.aligned.32x32b.x1.b32 {r0}, [r1];",
    "tcgen05.st": "tcgen05.st.sync.aligned.32x32b.x1.b32 [r1], {r0};",
    "tcgen05.cp": "tcgen05.cp.cta_group::1.128x256b [r0], d0;",
    "tcgen05.commit": "tcgen05.commit.cta_group::1.mbarrier::arrive::one.b64 [d0];",
    "tcgen05.wait::ld": "tcgen05.wait::ld.sync.aligned;",
    "tcgen05.fence::before_thread_sync": "tcgen05.fence::before_thread_sync;",
    "tex": f"tex.2d.v4.f32.f32 {F4}, [d0, {{f4, f5}}];",
    "tld4": f"tld4.r.2d.v4.f32.f32 {F4}, [d0, {{f4, f5}}];",
    "txq": "txq.width.b32 r0, [d0];",
    "suld": "suld.b.2d.b32.trap r0, [d0, {r1, r2}];",
    "sust": "sust.b.2d.b32.trap [d0, {r1, r2}], r0;",
    "sured": "sured.b.add.2d.u32.trap [d0, {r1, r2}], r0;",
    "suq": "suq.width.b32 r0, [d0];",
    "istypep": "istypep.texref p0, d0;",
    "cp.async": "cp.async.ca.shared.global [r8], [d0], 4;",
    "cp.async.commit_group": "cp.async.commit_group;",
    "cp.async.wait_group": "cp.async.wait_group 0;",
    "cp.async.wait_all": "cp.async.wait_all;",
    "cp.async.mbarrier": "cp.async.mbarrier.arrive.shared.b64 [r8];",
    "cp.async.bulk": "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [r8], [d0], 16, [r9];",
    "cp.async.bulk.tensor": "cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes.tile [r8], [d0, {r1}], [r9];",
    "cp.async.bulk.prefetch": "cp.async.bulk.prefetch.L2.global [d0], 16;",
    "cp.reduce.async.bulk": "cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u32 [d0], [r8], 16;",
    "st.async": "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [r8], r0, [r9];",
    "st.bulk": "st.bulk.weak.shared::cta [d0], 16, 0;",
    "red.async": "red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.add.u32 [r8], r0, [r9];",
    "mbarrier.init": "mbarrier.init.shared.b64 [r8], 1;",
    "mbarrier.inval": "mbarrier.inval.shared.b64 [r8];",
    "mbarrier.arrive": "mbarrier.arrive.shared.b64 d0, [r8];",
    "mbarrier.arrive_drop": "mbarrier.arrive_drop.shared.b64 d0, [r8];",
    "mbarrier.expect_tx": "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [r8], r0;",
    "mbarrier.complete_tx": "mbarrier.complete_tx.relaxed.cluster.shared::cluster.b64 [r8], r0;",
    "mbarrier.test_wait": "mbarrier.test_wait.shared.b64 p0, [r8], d0;",
    "mbarrier.try_wait": "mbarrier.try_wait.shared.b64 p0, [r8], d0;",
    "mbarrier.pending_count": "mbarrier.pending_count.b64 r0, d0;",
    "tensormap.replace": "tensormap.replace.tile.global_address.global.b1024.b64 [d0], d1;",
    "tensormap.cp_fenceproxy": "tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [d0], [r8], 128;",
    "barrier.cluster": "barrier.cluster.arrive.aligned;",
    "mapa": "mapa.u64 d0, d1, r0;",
    "getctarank": "getctarank.u64 r0, d1;",
    "clusterlaunchcontrol.try_cancel": "clusterlaunchcontrol.try_cancel.async.shared::cta.mbarrier::complete_tx::bytes.b128 [r8], [r9];",
    "multimem.ld_reduce": "multimem.ld_reduce.relaxed.gpu.global.add.u32 r0, [d0];",
    "multimem.st": "multimem.st.relaxed.gpu.global.u32 [d0], r0;",
    "multimem.red": "multimem.red.relaxed.gpu.global.add.u32 [d0], r0;",
    "vadd": "vadd.s32.u32.s32 r0, r1.b0, r2.h1;",
    "vsub": "vsub.s32.u32.s32 r0, r1.b0, r2.h1;",
    "vabsdiff": "vabsdiff.s32.u32.s32 r0, r1.b0, r2.h1;",
    "vmin": "vmin.s32.u32.s32 r0, r1.b0, r2.h1;",
    "vmax": "vmax.s32.u32.s32 r0, r1.b0, r2.h1;",
    "vshl": "vshl.u32.u32.u32.clamp r0, r1, r2.b0;",
    "vshr": "vshr.u32.u32.u32.wrap r0, r1, r2.b0;",
    "vmad": "vmad.u32.u32.u32 r0, r1.b0, r2.b1, r3;",
    "vset": "vset.u32.u32.lt r0, r1.b0, r2.b1;",
    "vadd2": "vadd2.u32.u32.u32 r0, r1, r2, r3;",
    "vadd4": "vadd4.u32.u32.u32 r0, r1, r2, r3;",
    "vsub2": "vsub2.u32.u32.u32 r0, r1, r2, r3;",
    "vsub4": "vsub4.u32.u32.u32 r0, r1, r2, r3;",
    "vavrg2": "vavrg2.u32.u32.u32 r0, r1, r2, r3;",
    "vavrg4": "vavrg4.u32.u32.u32 r0, r1, r2, r3;",
    "vmin2": "vmin2.u32.u32.u32 r0, r1, r2, r3;",
    "vmin4": "vmin4.u32.u32.u32 r0, r1, r2, r3;",
    "vmax2": "vmax2.u32.u32.u32 r0, r1, r2, r3;",
    "vmax4": "vmax4.u32.u32.u32 r0, r1, r2, r3;",
    "vset2": "vset2.u32.u32.lt r0, r1, r2, r3;",
    "vset4": "vset4.u32.u32.lt r0, r1, r2, r3;",
    "setmaxnreg": "setmaxnreg.inc.sync.aligned.u32 64;",
    "add.f32x2": "add.rn.f32x2 d0, d1, d2;",
    "atom.b128": "atom.global.exch.b128 q, [d2], q;",
    "atom.v2": "atom.global.v2.f32.add {f0, f1}, [d0], {f2, f3};",
    "redux.f32": "redux.sync.min.f32 f0, f1, r0;",
    "fence.proxy.tensormap::generic": "fence.proxy.tensormap::generic.acquire.gpu [d0], 128;",
    "fence.mbarrier_init": "fence.mbarrier_init.release.cluster;",
    "prefetch.tensormap": "prefetch.tensormap [d0];",
    "add.f32.f16": "add.f32.f16 f0, h0, f1;",
}

# The opcode: statements that leave in r0 what a thread of one warp should have, and that as a function of its index.
EXECUTED = {
    "vabsdiff2": (
        "mov.b32 r1, 0x00050003; mov.b32 r2, 0x00020009; mov.b32 r3, 0; vabsdiff2.u32.u32.u32 r0, r1, r2, r3;",
        lambda i: 0x00030006,
    ),
    "cvta": (
        "mov.u64 d1, s; cvta.shared.u64 d2, d1; st.u32 [d2], 7; cvta.to.shared.u64 d3, d2; ld.shared.u32 r0, [d3];",
        lambda i: 7,
    ),
    "ldu": ("st.global.u32 [d0+512], 5; ldu.global.u32 r0, [d0+512];", lambda i: 5),
    "membar": ("st.shared.u32 [s], 3; membar.gl; ld.shared.u32 r0, [s];", lambda i: 3),
    "fence": ("st.shared.u32 [s], 4; fence.acq_rel.gpu; ld.shared.u32 r0, [s];", lambda i: 4),
    "prefetch": ("prefetch.global.L2 [d0]; mov.u32 r0, 1;", lambda i: 1),
    "prefetchu": ("prefetchu.L1 [d0]; mov.u32 r0, 1;", lambda i: 1),
    "applypriority": ("applypriority.global.L2::evict_normal [d0], 128; mov.u32 r0, 1;", lambda i: 1),
    "discard": ("discard.global.L2 [d0+1024], 128; mov.u32 r0, 1;", lambda i: 1),
    "createpolicy": (
        "createpolicy.fractional.L2::evict_last.b64 d1, 1.0; st.global.L2::cache_hint.u32 [d0+512], 6, d1; ld.global.u32 r0, [d0+512];",
        lambda i: 6,
    ),
    "bra": ("mov.u32 r0, 2; setp.lt.u32 p0, r10, 16; @p0 bra past; mov.u32 r0, 3; past:", lambda i: 2 if i < 16 else 3),
    "brx": (
        "targets: .branchtargets a, b, c; rem.u32 r1, r10, 3; brx.idx r1, targets; a: mov.u32 r0, 10; bra end; b: mov.u32 r0, 11; bra end; c: mov.u32 r0, 12; end:",
        lambda i: 10 + i % 3,
    ),
    "call": (
        "{ .param .b32 x; .param .b32 y; st.param.b32 [x], r10; call (y), _Z7doubledi, (x); ld.param.b32 r0, [y]; }",
        lambda i: 2 * i,
    ),
    "ret": (
        "mov.u32 r0, 9; st.global.u32 [d4], r0; setp.lt.u32 p0, r10, 8; @p0 ret; add.u32 r0, r0, 1;",
        lambda i: 9 if i < 8 else 10,
    ),
    "exit": (
        "mov.u32 r0, 9; st.global.u32 [d4], r0; setp.lt.u32 p0, r10, 8; @p0 exit; add.u32 r0, r0, 1;",
        lambda i: 9 if i < 8 else 10,
    ),
    "alloca": ("alloca.u64 d1, 16; st.local.u32 [d1], r10; ld.local.u32 r0, [d1];", lambda i: i),
    "stacksave": (
        "stacksave.u64 d1; alloca.u64 d2, 16; stacksave.u64 d3; setp.gt.u64 p0, d3, d1; selp.u32 r0, 1, 0, p0;",
        lambda i: 1,
    ),
    "stackrestore": (
        "stacksave.u64 d1; alloca.u64 d2, 16; stackrestore.u64 d1; stacksave.u64 d3; setp.eq.u64 p0, d3, d1; selp.u32 r0, 1, 0, p0;",
        lambda i: 1,
    ),
    "nanosleep": ("nanosleep.u32 100; mov.u32 r0, 1;", lambda i: 1),
    "griddepcontrol": ("griddepcontrol.wait; mov.u32 r0, 1;", lambda i: 1),
    "pmevent": ("pmevent 1; mov.u32 r0, 1;", lambda i: 1),
    "elect": ("elect.sync r1|p0, -1; selp.u32 r0, 1, 0, p0;", lambda i: int(i == 0)),
    "barrier": ("st.shared.u32 [s], r10; barrier.sync 0; mov.u32 r0, 1;", lambda i: 1),
}

# The opcode: the code of the fault that it makes.
FAULTS = {"trap": ("trap;", 719), "brkpt": ("brkpt;", 719)}
