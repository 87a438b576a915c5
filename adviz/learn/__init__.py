"""Building blocks for training: small enough to read, large enough to train a network.

Parameters are plain arrays in dicts, a model is a plain function of them, and nothing here
differentiates: :func:`train` calls :func:`adviz.value_and_grad`, as any user would.
"""

from adviz.learn.data import digits
from adviz.learn.flow import Flow, compare_flows, gradient_flow
from adviz.learn.initialisers import glorot, he, normal, perceptron_parameters, zeros
from adviz.learn.layers import cross_entropy, dense, mean_squared_error, perceptron
from adviz.learn.optimizers import Optimizer, adam, momentum, sgd
from adviz.learn.tolerance import ToleranceStudy, tolerance_study
from adviz.learn.training import Training, accuracy, layer_norms, train
from adviz.learn.trees import tree_map

__all__ = [
    "Flow",
    "Optimizer",
    "ToleranceStudy",
    "Training",
    "accuracy",
    "adam",
    "compare_flows",
    "cross_entropy",
    "dense",
    "digits",
    "glorot",
    "gradient_flow",
    "he",
    "layer_norms",
    "mean_squared_error",
    "momentum",
    "normal",
    "perceptron",
    "perceptron_parameters",
    "sgd",
    "tolerance_study",
    "train",
    "tree_map",
    "zeros",
]
