"""Convolution of batches of images with filters: the ops, under Theano's names.

A convolution and its two gradients are one bilinear form of image, filters and output; each of the
three ops computes one of them from the other two, so that their derivatives of any order are these
ops again.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import RankError, ShapeError
from tensorsym.graph.variable import Apply
from tensorsym.language.convolution_base import RELATED, BaseAbstractConv
from tensorsym.language.convolution_shapes import (
    assert_shape,
    get_conv_gradinputs_shape,
    get_conv_gradweights_shape,
    get_conv_output_shape,
    spatial_lengths,
)
from tensorsym.language.convolution_values import correlate, image_gradient, weight_gradient
from tensorsym.language.dtypes import is_discrete, upcast
from tensorsym.language.products import gradient_of_operand
from tensorsym.language.shape import MakeVector, ShapeOf, constant_length, shape_entries
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "AbstractConv",
    "AbstractConv2d",
    "AbstractConv2dGradInputs",
    "AbstractConv2dGradWeights",
    "AbstractConv3d",
    "AbstractConv3dGradInputs",
    "AbstractConv3dGradWeights",
    "AbstractConvGradInputs",
    "AbstractConvGradWeights",
    "BaseAbstractConv",
]


def _lengths_of(x: Any, n_axes: int) -> Any:
    """Return the last lengths of a tensor as a vector."""
    return MakeVector()(*[ShapeOf(d)(x) for d in range(x.type.ndim - n_axes, x.type.ndim)])


def _sum_of(terms: list[Any]) -> list[Any]:
    return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]


class AbstractConv(BaseAbstractConv):
    """Output of a convolution: of (batch, channels, *lengths) and filters.

    It has the dtype of the images, as in Theano, or that of both where images are integers.
    """

    def make_node(self, img: Any, kern: Any) -> Apply:
        """Return the application on images and filters."""
        img, kern = as_tensor_variable(img), as_tensor_variable(kern)
        self.check_rank(img, "img", 2 + self.convdim)
        self.check_rank(kern, "kern", self.kernel_rank)
        img = assert_shape(img, self.imshp, "the images have another shape than imshp")
        kern = assert_shape(kern, self.kshp, "the filters have another shape than kshp")
        dtype = img.type.dtype
        if is_discrete(dtype):
            dtype = upcast(dtype, kern.type.dtype)
        lengths = get_conv_output_shape(
            img.type.shape,
            kern.type.shape,
            self.border_mode,
            self.subsample,
            self.filter_dilation,
        )
        shape = [*lengths[:2], *spatial_lengths(lengths[2:])]
        return Apply(self, [img, kern], [TensorType(dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Correlate with NumPy."""
        image, kernel = inputs
        self.checked_output(node, image.shape, kernel.shape)
        output_storage[0][0] = correlate(
            image, self.flipped(kernel), self.geometry(kernel.shape), node.outputs[0].type.dtype
        )

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the output's shape."""
        return [
            get_conv_output_shape(
                shapes[0], shapes[1], self.border_mode, self.subsample, self.filter_dilation
            )
        ]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the two gradients of the form."""
        (img, kern), (top,) = inputs, output_grads
        if is_discrete(outputs[0].type.dtype):
            return [FUNCTIONS["zero_gradient"](v) for v in inputs]
        of_image = self.related("inputs")(kern, top, _lengths_of(img, self.convdim))
        of_weights = self.related("weights")(img, top, _lengths_of(kern, self.convdim))
        return [gradient_of_operand(of_image, img), gradient_of_operand(of_weights, kern)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the product rule's sum."""
        (img, kern), (t_img, t_kern) = inputs, eval_points
        terms = [] if t_img is None else [self(t_img, kern)]
        return _sum_of(terms if t_kern is None else [*terms, self(img, t_kern)])


class _ConvGradient(BaseAbstractConv):
    """What the gradients have in common: two operands and the lengths of the result.

    The lengths may be left out where the operands determine them.
    """

    first: ClassVar[str]
    shape_from: ClassVar[Any]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the result does not depend on the lengths differentiably."""
        return [[True], [True], [False]]

    def _operands(self, first: Any, topgrad: Any, shape: Any) -> tuple[Any, Any, Any, list[Any]]:
        first, topgrad = as_tensor_variable(first), as_tensor_variable(topgrad)
        rank = 2 + self.convdim
        self.check_rank(first, self.first, rank if self.first == "img" else self.kernel_rank)
        self.check_rank(topgrad, "topgrad", rank)
        if shape is None:
            shape = self._determined(first, topgrad)
        if isinstance(shape, tuple | list):
            shape = MakeVector()(*[FUNCTIONS["cast"](n, "int64") for n in shape])
        shape = as_tensor_variable(shape)
        if shape.type.ndim != 1 or not is_discrete(shape.type.dtype):
            raise RankError("the lengths of a gradient are a vector of integers", got=str(shape))
        known = [constant_length(n) for n in shape_entries(shape, self.convdim)]
        return first, topgrad, shape, spatial_lengths(known)

    def _determined(self, first: Any, topgrad: Any) -> list[Any]:
        """Return the lengths of the result where the operands' lengths determine them."""
        given = [[ShapeOf(d)(v) for d in range(v.type.ndim)] for v in (first, topgrad)]
        settings = (self.border_mode, self.subsample, self.filter_dilation)
        lengths = list(self.shape_from(*given, *settings)[-self.convdim :])
        if None in lengths:
            raise ShapeError(
                "the lengths of this gradient are not determined by its operands",
                got=f"subsample={self.subsample}, border_mode={self.border_mode!r}",
                hint="give them as the last argument",
            )
        return lengths

    def _lengths(self, values: Any) -> tuple[int, ...]:
        if len(values) != self.convdim:
            raise ShapeError(
                "one length is needed per axis", got=str(values), expected=str(self.convdim)
            )
        return tuple([int(n) for n in values])

    def _checked_top(
        self,
        node: Apply,
        image_shape: tuple[int, ...],
        kernel_shape: tuple[int, ...],
        top_shape: tuple[int, ...],
    ) -> None:
        output = self.checked_output(node, image_shape, kernel_shape)
        if output != top_shape:
            raise ShapeError(
                "invalid shape: the output's gradient has another shape than the output",
                got=f"{top_shape}, for images of shape {image_shape} and filters of shape "
                f"{kernel_shape}",
                expected=str(output),
                origin=node.origin,
            )

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the product rule's sum."""
        first, topgrad, shape = inputs
        t_first, t_top, _ = eval_points
        terms = [] if t_first is None else [self(t_first, topgrad, shape)]
        return _sum_of(terms if t_top is None else [*terms, self(first, t_top, shape)])


class AbstractConvGradWeights(_ConvGradient):
    """Gradient of a convolution with respect to its filters, of images and output gradients."""

    first = "img"
    shape_from = staticmethod(get_conv_gradweights_shape)

    def make_node(
        self, img: Any, topgrad: Any, shape: Any = None, add_assert_shape: bool = True
    ) -> Apply:
        """Return the application on images, the output's gradient, and the filters' lengths."""
        img, topgrad, shape, known = self._operands(img, topgrad, shape)
        if add_assert_shape:
            img = assert_shape(img, self.imshp, "the images have another shape than imshp")
        channels = img.type.shape[1]
        if channels is not None and self.num_groups > 1:
            channels = max(0, channels // self.num_groups)
        own = spatial_lengths(topgrad.type.shape[2:]) if self.unshared else []
        lengths = [topgrad.type.shape[1], *own, channels, *known]
        dtype = upcast(img.type.dtype, topgrad.type.dtype)
        return Apply(self, [img, topgrad, shape], [TensorType(dtype, shape=lengths)()])

    def kernel_shape(self, image: Any, top: Any, lengths: Any) -> tuple[Any, ...]:
        """Return the shape of the filters, of shapes and lengths."""
        own = tuple(top[2:]) if self.unshared else ()
        channels = image[1] if self.num_groups == 1 else image[1] // self.num_groups
        return (top[1], *own, channels, *lengths)

    def check(self, node: Apply, image: Any, top: Any, lengths: Any) -> tuple[int, ...]:
        """Return the shape of the filters for shapes of arrays, or raise a ShapeError."""
        shape = self.kernel_shape(image, top, self._lengths(lengths))
        self._checked_top(node, image, shape, top)
        return shape

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Correlate with NumPy."""
        image, top, lengths = inputs
        shape = self.check(node, image.shape, top.shape, lengths)
        found = weight_gradient(
            image,
            top,
            shape[-self.convdim :],
            self.geometry(shape),
            node.outputs[0].type.dtype,
        )
        output_storage[0][0] = np.ascontiguousarray(self.flipped(found))

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the filters."""
        lengths = shape_entries(node.inputs[2], self.convdim)
        return [self.kernel_shape(shapes[0], shapes[1], lengths)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients with respect to images and output gradients."""
        (img, topgrad, _), (weights,) = inputs, output_grads
        of_image = self.related("inputs")(weights, topgrad, _lengths_of(img, self.convdim))
        of_top = self.related("output")(img, weights)
        return [
            gradient_of_operand(of_image, img),
            gradient_of_operand(of_top, topgrad),
            FUNCTIONS["disconnected"](),
        ]


class AbstractConvGradInputs(_ConvGradient):
    """Gradient of a convolution with respect to its images, of filters and output gradients."""

    first = "kern"
    shape_from = staticmethod(get_conv_gradinputs_shape)

    def make_node(
        self, kern: Any, topgrad: Any, shape: Any = None, add_assert_shape: bool = True
    ) -> Apply:
        """Return the application on filters, the output's gradient, and the images' lengths."""
        kern, topgrad, shape, known = self._operands(kern, topgrad, shape)
        if add_assert_shape:
            kern = assert_shape(kern, self.kshp, "the filters have another shape than kshp")
        channels = kern.type.shape[-self.convdim - 1]
        if channels is not None:
            channels *= self.num_groups
        lengths = [topgrad.type.shape[0], channels, *known]
        dtype = upcast(kern.type.dtype, topgrad.type.dtype)
        return Apply(self, [kern, topgrad, shape], [TensorType(dtype, shape=lengths)()])

    def image_shape(self, kernel: Any, top: Any, lengths: Any) -> tuple[Any, ...]:
        """Return the shape of the images, of shapes and lengths."""
        channels = kernel[-self.convdim - 1]
        return (top[0], channels if self.num_groups == 1 else channels * self.num_groups, *lengths)

    def check(self, node: Apply, kernel: Any, top: Any, lengths: Any) -> tuple[int, ...]:
        """Return the shape of the images for shapes of arrays, or raise a ShapeError."""
        shape = self.image_shape(kernel, top, self._lengths(lengths))
        self._checked_top(node, shape, kernel, top)
        return shape

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add up with NumPy what each place of the filters contributes."""
        kernel, top, lengths = inputs
        shape = self.check(node, kernel.shape, top.shape, lengths)
        output_storage[0][0] = image_gradient(
            self.flipped(kernel),
            top,
            shape[2:],
            self.geometry(kernel.shape),
            node.outputs[0].type.dtype,
        )

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the images."""
        lengths = shape_entries(node.inputs[2], self.convdim)
        return [self.image_shape(shapes[0], shapes[1], lengths)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients with respect to filters and output gradients."""
        (kern, topgrad, _), (img,) = inputs, output_grads
        of_weights = self.related("weights")(img, topgrad, _lengths_of(kern, self.convdim))
        of_top = self.related("output")(img, kern)
        return [
            gradient_of_operand(of_weights, kern),
            gradient_of_operand(of_top, topgrad),
            FUNCTIONS["disconnected"](),
        ]


@RELATED.register(("output", 2))
class AbstractConv2d(AbstractConv):
    """Output of a convolution over two axes; parameters are those of `BaseAbstractConv`."""

    __init__ = functools.partialmethod(AbstractConv.__init__, 2)


@RELATED.register(("output", 3))
class AbstractConv3d(AbstractConv):
    """Output of a convolution over three axes; parameters are those of `BaseAbstractConv`."""

    __init__ = functools.partialmethod(AbstractConv.__init__, 3)


@RELATED.register(("weights", 2))
class AbstractConv2dGradWeights(AbstractConvGradWeights):
    """Gradient of `AbstractConv2d` with respect to its filters."""

    __init__ = functools.partialmethod(AbstractConvGradWeights.__init__, 2)


@RELATED.register(("weights", 3))
class AbstractConv3dGradWeights(AbstractConvGradWeights):
    """Gradient of `AbstractConv3d` with respect to its filters."""

    __init__ = functools.partialmethod(AbstractConvGradWeights.__init__, 3)


@RELATED.register(("inputs", 2))
class AbstractConv2dGradInputs(AbstractConvGradInputs):
    """Gradient of `AbstractConv2d` with respect to its images."""

    __init__ = functools.partialmethod(AbstractConvGradInputs.__init__, 2)


@RELATED.register(("inputs", 3))
class AbstractConv3dGradInputs(AbstractConvGradInputs):
    """Gradient of `AbstractConv3d` with respect to its images."""

    __init__ = functools.partialmethod(AbstractConvGradInputs.__init__, 3)
