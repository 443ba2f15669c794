"""Theano's home of convolutions: functions, ops and the arithmetic of their shapes."""

from tensorsym.language.convolution import (
    AbstractConv,
    AbstractConv2d,
    AbstractConv3d,
    BaseAbstractConv,
)
from tensorsym.language.convolution import AbstractConv2dGradInputs as AbstractConv2d_gradInputs
from tensorsym.language.convolution import AbstractConv2dGradWeights as AbstractConv2d_gradWeights
from tensorsym.language.convolution import AbstractConv3dGradInputs as AbstractConv3d_gradInputs
from tensorsym.language.convolution import AbstractConv3dGradWeights as AbstractConv3d_gradWeights
from tensorsym.language.convolution import AbstractConvGradInputs as AbstractConv_gradInputs
from tensorsym.language.convolution import AbstractConvGradWeights as AbstractConv_gradWeights
from tensorsym.language.convolution_functions import (
    causal_conv1d,
    conv2d,
    conv3d,
    separable_conv2d,
    separable_conv3d,
)
from tensorsym.language.convolution_gradients import (
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
)
from tensorsym.language.convolution_shapes import (
    assert_conv_shape,
    assert_shape,
    border_mode_to_pad,
    check_conv_gradinputs_shape,
    get_conv_gradinputs_shape,
    get_conv_gradinputs_shape_1axis,
    get_conv_gradweights_shape,
    get_conv_gradweights_shape_1axis,
    get_conv_output_shape,
    get_conv_shape_1axis,
)
from tensorsym.language.upsampling import (
    bilinear_kernel_1D,
    bilinear_kernel_2D,
    bilinear_upsampling,
    frac_bilinear_upsampling,
)

__all__ = [
    "AbstractConv",
    "AbstractConv2d",
    "AbstractConv2d_gradInputs",
    "AbstractConv2d_gradWeights",
    "AbstractConv3d",
    "AbstractConv3d_gradInputs",
    "AbstractConv3d_gradWeights",
    "AbstractConv_gradInputs",
    "AbstractConv_gradWeights",
    "BaseAbstractConv",
    "assert_conv_shape",
    "assert_shape",
    "bilinear_kernel_1D",
    "bilinear_kernel_2D",
    "bilinear_upsampling",
    "border_mode_to_pad",
    "causal_conv1d",
    "check_conv_gradinputs_shape",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "frac_bilinear_upsampling",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
    "separable_conv2d",
    "separable_conv3d",
]
