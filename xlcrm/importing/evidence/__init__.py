"""How a list writes its dates and figures, told by the whole list: the evidence, and what is asked without."""
