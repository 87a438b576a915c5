"""The public names, and what their functions are called with: programs and lessons rely on them."""

import inspect

import adviz as ad

PARAMETERS = {
    "AdvizError": None,
    "ELEMENTALS": None,
    "Elemental": "name evaluate partials symbol layout ufunc shown_as kink expanded names",
    "Trace": "function tape nest",
    "answered": "",
    "ask": "question answer choices feedback hints tolerance explanation title graded",
    "carry_player": "way",
    "catalogue": "find",
    "check_grads": "f args order atol rtol step",
    "checkpoint": "f",
    "checkpoint_lab": "step state steps",
    "checkpoint_study": "step state steps snapshots",
    "compile": "f examples argnums has_aux holomorphic",
    "complex_step": "f x h check",
    "cost_study": "f inputs seconds",
    "custom": "without_a_rule jvp vjp name",
    "define": "name evaluate partials symbol shown_as names",
    "diagnose": "f inputs",
    "differential_quadrature": "f interval n nodes derivative",
    "elimination_lab": "f inputs",
    "error_lab": "f x0 schemes truth",
    "error_study": "f x0 schemes steps dtype truth peers",
    "exercise": "f inputs ask blanks direction weights title seed graded",
    "exercises": "level seed count",
    "grad": "f argnums has_aux holomorphic",
    "hessian": "f argnums holomorphic",
    "hooks": "on_row on_tangent on_adjoint",
    "hvp": "f primals tangents holomorphic",
    "jacfwd": "f argnums holomorphic",
    "jacobian": "f argnums sparsity holomorphic",
    "jacobian_lab": "f inputs",
    "jacrev": "f argnums holomorphic",
    "jet": "f primals series",
    "jvp": "f primals tangents",
    "learn": None,
    "linearize": "f primals",
    "logistic": "operands",
    "numerical_gradient": "f x scheme h",
    "numerical_jacobian": "f x scheme h",
    "optimal_step": "f x0 scheme dtype truth",
    "paper": "f inputs printed which seed title",
    "relu": "operands",
    "reveal": "answers title hide_source",
    "richardson": "f x0 h tolerance rows",
    "runge_kutta": "f y0 times args steps",
    "scheme": "name derivative",
    "sparsity_pattern": "f args argnums",
    "sparsity_study": "f inputs",
    "stencil": "nodes derivative name",
    "step": "f inputs which predict",
    "swell": "f inputs",
    "swell_lab": "family n at",
    "swell_study": "family sizes at systems seconds",
    "trace": "f inputs elementwise",
    "value_and_grad": "f argnums has_aux holomorphic",
    "vjp": "f primals has_aux",
}
"""By public name the names of the parameters; None for what is not called."""

OF_A_TRACE = (
    "decisions first_nonfinite formula forward from_sympy function_name graph input_names "
    "inputs inside notes output_names outputs play replay reverse row rows table "
    "to_animation to_document to_html to_pdf to_svg to_sympy value"
)


def test_public_names_are_these():
    assert sorted(ad.__all__) == sorted(PARAMETERS)
    assert set(PARAMETERS) <= set(dir(ad))


def test_functions_take_these_parameters():
    for name, parameters in PARAMETERS.items():
        if parameters is not None:
            assert " ".join(inspect.signature(getattr(ad, name)).parameters) == parameters, name


def test_a_trace_has_these_attributes():
    assert set(OF_A_TRACE.split()) <= set(dir(ad.Trace))
