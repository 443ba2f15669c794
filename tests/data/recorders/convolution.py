"""Convolutions, pooling and neighbours: values, gradients, shapes, errors."""

# ruff: noqa: E501, UP031
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines

EXECUTES = True
IN_C = ("convolution", "pooling")
DECLARED = (
    "x=float64:FFFF w=float64:FFFF t=float64:FFFFF k=float64:FFFFF u=float64:FFFFFF m=float64:FF "
    "f=float32:FFFF n=int64:FFFF c=float64:FFF d=float64:FFF v=float64:F b=float64:FFFT"
)


def array(*shape):
    """Write an array of small whole numbers of a shape."""
    size = 1
    for length in shape:
        size *= length
    return "np.arange(%d.).reshape(%s) * 7 %% 11 - 5" % (size, shape)


def convolution():
    """Values and both gradients of conv2d for its settings; conv3d and relatives."""
    settings = (
        "",
        "border_mode='full'",
        "border_mode='half'",
        "border_mode=1",
        "border_mode=(2, 1)",
        "border_mode=((1, 2), 0)",
        "border_mode=((0, 1), (2, 1))",
        "subsample=(2, 1)",
        "border_mode='half', subsample=(2, 3)",
        "filter_flip=False",
        "filter_dilation=(2, 1)",
        "filter_dilation=(1, 2), border_mode='full', subsample=(2, 2)",
        "input_shape=(2, 2, 5, 6), filter_shape=(2, 2, 2, 3)",
    )
    graph = "T.nnet.conv2d(x, w%s)"
    arguments = "(%s, %s)" % (array(2, 2, 5, 6), array(2, 2, 2, 3))
    cost = "(T.nnet.conv2d(x, w%s) ** 2).sum()"
    rows = []
    for setting in settings:
        extra = ", " + setting if setting else ""
        rows.append("function([x, w], %s)%s" % (graph % extra, arguments))
        rows.append("function([x, w], T.grad(%s, [x, w]))%s" % (cost % extra, arguments))
    grouped = "(%s, %s)" % (array(1, 4, 4, 4), array(4, 2, 2, 2))
    rows.append("function([x, w], T.nnet.conv2d(x, w, num_groups=2))" + grouped)
    rows.append(
        "function([x, w], T.grad((T.nnet.conv2d(x, w, num_groups=2) ** 2).sum(), [x, w]))" + grouped
    )
    own = "(%s, %s)" % (array(2, 2, 3, 4), array(2, 2, 3, 2, 2, 2))
    rows.append("function([x, u], T.nnet.conv2d(x, u, unshared=True))" + own)
    rows.append(
        "function([x, u], T.grad((T.nnet.conv2d(x, u, unshared=True) ** 2).sum(), [x, u]))" + own
    )
    volumes = "(%s, %s)" % (array(1, 2, 3, 4, 3), array(2, 2, 2, 2, 2))
    for extra in ("", ", border_mode='half'", ", subsample=(2, 1, 2), border_mode=1"):
        rows.append("function([t, k], T.nnet.conv3d(t, k%s))%s" % (extra, volumes))
    rows.append("function([t, k], T.grad((T.nnet.conv3d(t, k) ** 2).sum(), [t, k]))" + volumes)
    back = "(%s, %s)" % (array(1, 2, 2, 2), array(2, 3, 3, 2))
    rows.append(
        "function([x, w], T.nnet.abstract_conv.conv2d_grad_wrt_inputs(x, w, (None, None, 6, 4), subsample=(3, 2)))"
        + back
    )
    rows.append(
        "function([x, w], T.nnet.abstract_conv.conv2d_grad_wrt_weights(x, w, (None, None, 4, 5)))(%s, %s)"
        % (array(2, 2, 5, 6), array(2, 3, 2, 2))
    )
    rows.append(
        "function([x, w, v], T.nnet.separable_conv2d(x, w, v.reshape((2, 4, 1, 1)), 2))(%s, %s, %s)"
        % (array(1, 2, 4, 4), array(4, 1, 2, 2), array(8))
    )
    rows.append(
        "function([c, d], T.nnet.abstract_conv.causal_conv1d(c, d, (2, 2, 3), filter_dilation=2))(%s, %s)"
        % (array(2, 2, 6), array(2, 2, 3))
    )
    return lines("\n".join(rows), DECLARED)


def older():
    """The first conv2d, that of images without channels, and videos."""
    stack = "(%s, %s)" % (array(2, 2, 4, 5), array(2, 2, 2, 3))
    return lines(
        """
function([x, w], T.nnet.conv.conv2d(x, w))%s
function([x, w], T.nnet.conv.conv2d(x, w, border_mode='full'))%s
function([x, w], T.nnet.conv.conv2d(x, w, subsample=(2, 2), image_shape=(2, 2, 4, 5), filter_shape=(2, 2, 2, 3)))%s
function([m, c], T.signal.conv.conv2d(m, c))(%s, %s)
function([c, d], T.signal.conv.conv2d(c, d, border_mode='full'))(%s, %s)
function([t, k], T.nnet.conv3d2d.conv3d(t, k))(%s, %s)
"""
        % (
            stack,
            stack,
            stack,
            array(4, 5),
            array(2, 2, 3),
            array(2, 3, 4),
            array(2, 2, 2),
            array(1, 3, 2, 4, 4),
            array(2, 2, 2, 2, 3),
        ),
        DECLARED,
    )


def pooling():
    """Values, gradients and second gradients of pool_2d for its settings; pool_3d."""
    settings = (
        "(2, 2), ignore_border=True",
        "(2, 2), ignore_border=False",
        "(2, 3), ignore_border=True, stride=(1, 2)",
        "(3, 2), ignore_border=False, stride=(2, 3)",
        "(3, 3), ignore_border=True, stride=(2, 2), pad=(1, 2)",
        "(1, 2), ignore_border=False, stride=(2, 1)",
    )
    argument = "(%s)" % array(1, 2, 5, 7)
    rows = []
    for setting in settings:
        for mode in ("max", "sum", "average_inc_pad", "average_exc_pad"):
            graph = "T.signal.pool.pool_2d(x, %s, mode='%s')" % (setting, mode)
            rows.append("function([x], %s)%s" % (graph, argument))
            rows.append("function([x], T.grad((%s ** 2).sum(), x))%s" % (graph, argument))
    graph = "T.signal.pool.pool_2d(x, (2, 2), ignore_border=True)"
    rows.append(
        "function([x], T.grad((T.grad((%s ** 3).sum(), x) ** 2).sum(), x))%s" % (graph, argument)
    )
    rows.append(
        "function([x, w], theano.Rop(%s, x, w))(%s, %s)" % (graph, *[array(1, 2, 5, 7)] * 2)
    )
    rows.append("function([x], T.signal.pool.max_pool_2d_same_size(x, (2, 3)))" + argument)
    rows.append(
        "function([t], T.signal.pool.pool_3d(t, (2, 1, 2), ignore_border=True))(%s)"
        % array(1, 1, 4, 3, 5)
    )
    rows.append(
        "function([m], T.signal.pool.pool_2d(m, (2, 2), ignore_border=True))(%s)" % array(3, 5)
    )
    return lines("\n".join(rows), DECLARED)


def neighbours():
    """Neighbourhoods as rows and back, in each mode."""
    image, odd = "(%s)" % array(1, 2, 4, 6), "(%s)" % array(2, 1, 5, 7)
    return lines(
        """
function([x], T.nnet.neighbours.images2neibs(x, (2, 2)))%s
function([x], T.nnet.neighbours.images2neibs(x, (2, 3), (1, 3)))%s
function([x], T.nnet.neighbours.images2neibs(x, (3, 3), (2, 3), mode='wrap_centered'))%s
function([x], T.nnet.neighbours.images2neibs(x, (2, 2), mode='ignore_borders'))%s
function([x], T.nnet.neighbours.images2neibs(x, (3, 3), (1, 1), mode='half'))%s
function([x], T.nnet.neighbours.images2neibs(x, (2, 2), (1, 1), mode='full'))%s
function([x], T.grad((T.nnet.neighbours.images2neibs(x, (2, 2)) ** 2).sum(), x))%s
function([x], T.nnet.neighbours.neibs2images(T.nnet.neighbours.images2neibs(x, (2, 3)), (2, 3), x.shape))%s
"""
        % (image, image, odd, odd, odd, image, image, image),
        DECLARED,
    )


def normalization():
    """Batch normalization of both kinds, with running averages."""
    return lines(
        """
function([x, v, c], T.nnet.bn.batch_normalization_train(x, v, c[0, 0], axes='spatial'))(%s, [1, 2.], [[[-1, .5]]])
function([x, v, c], T.nnet.bn.batch_normalization_train(x, v, c[0, 0], axes='spatial', epsilon=1e-3, running_average_factor=0.3, running_mean=v * 2, running_var=v + 1))(%s, [1, 2.], [[[-1, .5]]])
function([x, v, c], T.nnet.bn.batch_normalization_test(x, v, c[0, 0], v + 2, v * 3, axes='spatial'))(%s, [1, 2.], [[[-1, .5]]])
function([m, v], T.nnet.bn.batch_normalization_train(m, v, v))(%s, [1, 2, 3.])
function([m, v], T.grad((T.nnet.bn.batch_normalization_train(m, v, v)[0] ** 3).sum(), [m, v]))(%s, [1, 2, 3.])
"""
        % (array(3, 2, 2, 3), array(3, 2, 2, 3), array(3, 2, 2, 3), array(4, 3), array(4, 3)),
        DECLARED,
    )


def upsampling():
    """The weights of linear interpolation."""
    return lines(
        """
T.nnet.abstract_conv.bilinear_kernel_1D(3).eval()
T.nnet.abstract_conv.bilinear_kernel_2D(2, normalize=False).eval()
""",
        DECLARED,
    )


def shapes():
    """Types of results, inferred shapes, and the arithmetic of shapes."""
    return lines(
        """
T.nnet.conv2d(f, w).type.dtype
T.nnet.conv2d(x, b).type.broadcastable
T.nnet.conv2d(b, w, border_mode='full').type.broadcastable
T.signal.pool.pool_2d(b, (2, 2), ignore_border=True).type.broadcastable
T.signal.pool.pool_2d(n, (2, 2), ignore_border=True).type.dtype
function([x, w], T.nnet.conv2d(x, w, border_mode='half', subsample=(2, 3)).shape)(np.ones((2, 3, 7, 8)), np.ones((4, 3, 3, 2)))
function([x], T.signal.pool.pool_2d(x, (3, 2), ignore_border=False, stride=(2, 3)).shape)(np.ones((2, 3, 7, 8)))
function([x], T.nnet.neighbours.images2neibs(x, (3, 3), (2, 2), mode='wrap_centered').shape)(np.ones((2, 3, 7, 8)))
T.nnet.abstract_conv.get_conv_output_shape((2, 3, 7, 8), (4, 3, 3, 2), ((1, 2), 'half'), (2, 1), (2, 2))
T.nnet.abstract_conv.get_conv_gradweights_shape((2, 3, 7, 8), (2, 4, 5, 7), 'valid', (1, 1))
T.nnet.abstract_conv.get_conv_gradweights_shape((2, 3, 7, 8), (2, 4, 5, 7), 'half', (1, 2))
T.nnet.abstract_conv.get_conv_gradinputs_shape((4, 3, 3, 2), (2, 4, 5, 7), (1, 0), (1, 1), (2, 1))
T.nnet.abstract_conv.check_conv_gradinputs_shape((2, 3, 7, 8), (4, 3, 3, 2), (2, 4, 5, 7), 'valid', (1, 1))
T.nnet.abstract_conv.check_conv_gradinputs_shape((2, 3, 7, 8), (4, 3, 3, 2), (2, 4, 5, 6), 'valid', (1, 1))
T.nnet.abstract_conv.AbstractConv2d(border_mode=(0, 0)).border_mode
T.nnet.abstract_conv.AbstractConv2d(border_mode=((1, 1), 2)).border_mode
T.nnet.abstract_conv.AbstractConv2d().kshp
str(T.nnet.abstract_conv.AbstractConv2d(subsample=(2, 2)))
""",
        DECLARED,
    )


def errors():
    """Settings and shapes that mean nothing."""
    return lines(
        """
T.nnet.conv2d(x, w, border_mode='same')
T.nnet.conv2d(x, w, border_mode=-1)
T.nnet.conv2d(x, w, border_mode=(1, 2, 3))
T.nnet.conv2d(x, w, subsample=(1,))
T.nnet.conv2d(x, w, filter_dilation=(1, 1, 1))
T.nnet.conv2d(x, w, num_groups=0)
T.nnet.conv2d(c, w)
T.nnet.conv2d(x, c)
T.nnet.conv2d(x, w, unshared=True)
T.nnet.conv2d(x, w, imshp_logical=(1, 2, 3))
T.nnet.conv3d(t, k, border_mode=((1, 2), 0, 0))
T.nnet.conv2d(x, w, input_shape=(x.shape[0], 1, 2, 3))
T.nnet.abstract_conv.conv2d_grad_wrt_inputs(x, w, (2, 3, 4))
T.nnet.abstract_conv.causal_conv1d(x, d, (2, 2, 3))
T.nnet.abstract_conv.bilinear_upsampling(x)
T.nnet.abstract_conv.bilinear_upsampling(x, frac_ratio=(3, 2))
T.signal.pool.pool_2d(x)
T.signal.pool.pool_2d(x, (2, 2), ignore_border=True, mode='median')
T.signal.pool.pool_2d(x, (2, 2), ignore_border=False, pad=(1, 1))
T.signal.pool.pool_2d(x, (2, 2), ignore_border=True, pad=(2, 2))
T.signal.pool.pool_2d(v, (2, 2), ignore_border=True)
T.signal.pool.pool_2d(x, (2., 2.), ignore_border=True)
T.signal.pool.pool_2d(x, (2, 2), ds=(2, 2), ignore_border=True)
T.nnet.neighbours.images2neibs(x, (2, 2), mode='odd')
T.nnet.neighbours.neibs2images(m, (2, 2), (1, 1, 4, 4), mode='half')
function([x], T.nnet.neighbours.images2neibs(x, (2, 2)))(np.ones((1, 1, 3, 4)))
function([x], T.nnet.neighbours.images2neibs(x, (0, 2)))(np.ones((1, 1, 3, 4)))
T.nnet.bn.batch_normalization_train(m, v, v, axes=())
T.nnet.bn.batch_normalization_train(m, v, v, axes='all')
T.nnet.bn.batch_normalization_train(m, v, v, epsilon=1e-6)
T.nnet.bn.batch_normalization_train(m, v, v, running_mean=v)
T.nnet.bn.batch_normalization(m, v, v, v, v, mode='mid_mem')
function([x, w], T.nnet.conv2d(x, w))(np.ones((1, 2, 4, 4)), np.ones((1, 3, 2, 2)))
function([x, w], T.nnet.conv2d(x, w))(np.ones((1, 2, 2, 4)), np.ones((1, 2, 4, 2)))
""",
        DECLARED,
    )


def groups():
    """Return all groups."""
    return {
        made.__name__: made()
        for made in (
            convolution,
            older,
            pooling,
            neighbours,
            normalization,
            upsampling,
            shapes,
            errors,
        )
    }
