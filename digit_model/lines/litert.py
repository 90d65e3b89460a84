"""A network as LiteRT has it, run once."""

import numpy as np


def run(model: bytes, inputs: np.ndarray, threads: int) -> np.ndarray:
    """What a network of one input and one output says.

    Args:
        model: a LiteRT file.
        inputs: float32, of a shape that it takes.
        threads: of the processor.
    """
    from ai_edge_litert.interpreter import Interpreter

    # One that is kept would hold the memory of the largest inputs that it saw.
    interpreter = Interpreter(model_content=model, num_threads=threads)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, inputs.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, inputs)
    interpreter.invoke()
    said: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return said
