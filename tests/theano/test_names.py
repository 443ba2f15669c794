"""Names that Theano programs use are there, and ones that mean one thing are one object."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T

# Counted in 50 public programs: what several use; GPU left out.
NAMES = """
function shared config.floatX scan map reduce foldl foldr scan_checkpoints clone grad Rop Lop In
Out Param Mode Variable Apply Constant Op OpFromGraph as_op dot pp pprint change_flags _asarray
OrderedUpdates generic gradient.disconnected_grad gradient.grad_clip
gradient.grad_not_implemented gradient.DisconnectedType gradient.grad gof.Op gof.Apply
gof.Variable gof.graph.inputs gof.graph.is_same_graph gof.graph.io_toposort gof.graph.ancestors
gof.graph.Constant compile.SharedVariable compile.sharedvalue.SharedVariable compile.ops.as_op
compile.view_op compile.mode.get_default_mode compile.mode.get_mode compile.get_default_mode
configparser.change_flags configdefaults.config ifelse.ifelse misc.pkl_utils.dump
misc.pkl_utils.load printing.debugprint printing.Print raise_op.Raise scalar.upcast
scan_module.until scan_module.scan_utils.until scan_module.scan_utils.equal_computations
scan_module.scan_op.Scan updates.OrderedUpdates sandbox.rng_mrg.MRG_RandomStreams
sandbox.multinomial.MultinomialFromUniform sandbox.linalg.matrix_inverse
tensor.shared_randomstreams.RandomStreams tensor.raw_random.RandomFunction tensor.opt.Assert
tensor.opt.MakeVector tensor.opt.make_vector tensor.basic.exp tensor.basic.TensorConstant
tensor.basic.DimShuffle tensor.type.TensorType tensor.elemwise.Elemwise
tensor.elemwise.DimShuffle tensor.subtensor.Subtensor tensor.subtensor.set_subtensor
tensor.extra_ops.repeat tensor.extra_ops.cumprod tensor.extra_ops.to_one_hot
tensor.sharedvar.SharedVariable tensor.sharedvar.TensorSharedVariable tensor.inplace.exp_inplace
tensor.nlinalg.matrix_inverse tensor.nlinalg.trace tensor.nlinalg.det tensor.nlinalg.diag
tensor.nlinalg.eigh tensor.nlinalg.Eig tensor.slinalg.Solve tensor.slinalg.Cholesky
tensor.slinalg.kron tensor.slinalg.cholesky tensor.slinalg.solve_lower_triangular
tensor.slinalg.solve_upper_triangular tensor.nnet.sigmoid tensor.nnet.nnet.softmax
tensor.nnet.sigm.hard_sigmoid tensor.nnet.Softmax tensor.nnet.h_softmax tensor.blas.batched_dot
tensor.Subtensor tensor.IncSubtensor tensor.AdvancedSubtensor1 tensor.AdvancedIncSubtensor1
tensor.Join tensor.Split tensor.ARange tensor.Eye tensor.Tri tensor.AllocDiag tensor.ExtractDiag
tensor.MaxAndArgmax tensor.Argmax tensor.CAReduce tensor.Elemwise tensor.Rebroadcast
tensor.Reshape tensor.Alloc tensor.AllocEmpty tensor.Dot tensor.Nonzero tensor.Default
tensor._shared tensor.shared tensor.nnet.conv2d tensor.nnet.conv3d tensor.nnet.conv2d_transpose
tensor.nnet.conv2d_grad_wrt_inputs tensor.nnet.separable_conv2d tensor.nnet.abstract_conv2d
tensor.nnet.ConvOp tensor.nnet.conv.conv2d tensor.nnet.conv.ConvOp tensor.nnet.conv3d2d.conv3d
tensor.nnet.corr.CorrMM tensor.nnet.corr.CorrMM_gradInputs tensor.nnet.corr3d.Corr3dMM_gradWeights
tensor.nnet.abstract_conv.AbstractConv2d tensor.nnet.abstract_conv.AbstractConv2d_gradInputs
tensor.nnet.abstract_conv.AbstractConv2d_gradWeights tensor.nnet.abstract_conv.BaseAbstractConv
tensor.nnet.abstract_conv.AbstractConv3d_gradInputs tensor.nnet.abstract_conv.causal_conv1d
tensor.nnet.abstract_conv.get_conv_output_shape tensor.nnet.abstract_conv.bilinear_upsampling
tensor.nnet.bn.batch_normalization tensor.nnet.bn.batch_normalization_train
tensor.nnet.neighbours.images2neibs tensor.nnet.neighbours.neibs2images
tensor.signal.pool.pool_2d tensor.signal.pool.pool_3d tensor.signal.pool.Pool
tensor.signal.pool.MaxPoolGrad tensor.signal.pool.max_pool_2d_same_size
tensor.nnet.ctc.ctc tensor.signal.downsample.max_pool_2d tensor.signal.conv.conv2d
sparse_grad ProfileStats compile.profiling.ProfileStats compile.nanguardmode.NanGuardMode
compile.debugmode.DebugMode compile.debugmode.BadOptimization compile.debugmode.InvalidValueError
compile.monitormode.MonitorMode compile.monitormode.detect_nan compile.DebugMode
sparse.hstack sparse.vstack sparse.basic.HStack sparse.basic.VStack sparse.basic.GetItem2d
sparse.basic.GetItem2Lists sparse.GetItemList sparse.clean sparse.Remove0 sparse.usmm sparse.eq
sparse.ensure_sorted_indices sparse.construct_sparse_from_list sparse.sampling_dot sparse.SpSum
sparse.structured_add sparse.structured_add_s_v sparse.mul_s_v sparse.add_s_s_data sparse.dcast
sparse.Cast sparse.Neg sparse.Transpose sparse.shared sparse.sparse_formats sparse.all_dtypes
gof.op.get_test_value gof.op.get_debug_values gof.utils.MethodNotDefined gof.utils.TestValueError
typed_list.TypedListType typed_list.make_list typed_list.length typed_list.type.TypedListType
typed_list.basic.TypedListVariable typed_list.basic.TypedListConstant typed_list.basic.GetItem
typed_list.append typed_list.count typed_list.basic.index_ typed_list.basic.Reverse
tensor.fft.rfft tensor.fft.irfft tensor.fft.rfft_op tensor.fft.irfft_op tensor.fft.RFFTOp
tensor.fft.IRFFTOp
""".split()  # noqa: SIM905 - a list of words reads better


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_there(name):
    found, path = theano, "tensorsym"
    for part in name.split("."):
        path += "." + part
        found = getattr(found, part, None) or importlib.import_module(path)
    assert found is not None


def test_homes_of_a_name_show_one_object():
    assert T.basic.exp is T.exp
    assert T.nnet.nnet.softmax is T.nnet.softmax
    assert T.sharedvar.SharedVariable is theano.SharedVariable
    assert theano.compile.ops.as_op is theano.as_op


def test_modules_import_by_themselves():
    code = """
from tensorsym.compile.function import function
from tensorsym.tensor.xlogx import xlogx, xlogy0
from tensorsym.tensor.nnet.sigm import sigmoid
from tensorsym.gof.graph import inputs
from tensorsym.tensor.var import TensorVariable
import tensorsym, tensorsym.tensor.var, tensorsym.tensor.xlogx
assert isinstance(tensorsym.tensor.var(tensorsym.tensor.dvector()), TensorVariable)
assert tensorsym.tensor.xlogx is xlogx
assert tensorsym.compile.function is function is tensorsym.function
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_raise_raises_when_it_is_computed():
    x = T.dscalar("x")
    out = theano.ifelse.ifelse(x > 0, x, theano.raise_op.Raise("below", ValueError)(x))
    f = theano.function([x], out)
    assert f(2.0) == 2
    with pytest.raises(ValueError, match="below"):
        f(-1.0)


def test_walks_of_gof_graph():
    x, y = T.dvectors("x", "y")
    graph = theano.gof.graph
    z = T.exp(x) + y
    assert graph.inputs([z]) == [x, y]
    assert [str(node.op) for node in graph.io_toposort([x, y], [z])] == [
        "Elemwise{exp,no_inplace}",
        "Elemwise{add,no_inplace}",
    ]
    assert graph.is_same_graph(z, T.exp(x) + y)
    assert not graph.is_same_graph(z, T.exp(y) + x)
    (x2, y2), (z2,) = graph.clone([x, y], [z])
    assert graph.variables([x2], [z2]) >= {x2, y2, z2}
    assert graph.orphans([x], [z]) == {y}


def test_ordered_updates_refuse_what_is_no_update():
    s, t = theano.shared(1.0), theano.shared(2.0)
    both = theano.OrderedUpdates({s: s + 1}) + theano.OrderedUpdates([(t, t * 2)])
    assert list(both) == [s, t]
    theano.function([], updates=both)()
    np.testing.assert_array_equal([s.get_value(), t.get_value()], [2, 4])
    with pytest.raises(TypeError, match="only shared variables have updates"):
        both[T.dscalar()] = s
    with pytest.raises(KeyError):
        both.update({s: s * 3})
