"""Runs a LiteRT network once."""

import numpy as np


def run(model: bytes, inputs: np.ndarray, threads: int) -> np.ndarray:
    """Run a network with one input and one output.

    Args:
        model: the content of a LiteRT file.
        inputs: float32, in a shape that the network accepts.
        threads: the number of threads.
    """
    from ai_edge_litert.interpreter import Interpreter

    # A new interpreter each time: a kept one would hold the memory of its largest input.
    interpreter = Interpreter(model_content=model, num_threads=threads)
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, inputs.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(index, inputs)
    interpreter.invoke()
    output: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return output
