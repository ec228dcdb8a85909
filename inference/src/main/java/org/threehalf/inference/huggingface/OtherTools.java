package org.threehalf.inference.huggingface;

import java.util.Map;
import java.util.regex.Pattern;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.huggingface.Safetensors.Tensor;

/** Tensors of weights that tools of other kinds quantised, by which they are known whatever config.json says. */
final class OtherTools {
    /** A tool, and how names of its tensors end. */
    private record Tool(String name, Pattern tensors) {}

    private static final Tool[] TOOLS = {
        new Tool("GPTQ", Pattern.compile(".*\\.g_idx")),
        new Tool("GPTQ or AWQ", Pattern.compile(".*\\.(qweight|qzeros)")),
        new Tool(
                "compressed-tensors",
                Pattern.compile(".*\\.(weight_packed|weight_shape|weight_zero_point|weight_g_idx)")),
        new Tool(
                "bitsandbytes",
                Pattern.compile(
                        ".*\\.(SCB|weight\\.(absmax|quant_map|nested_absmax|nested_quant_map|quant_state\\..*))")),
        new Tool("MLX", Pattern.compile(".*\\.(scales|biases)")),
    };

    private OtherTools() {}

    /**
     * Refuses such tensors with what to do.
     *
     * @throws ModelFormatException naming the tensor and the tool
     */
    static void refuse(Map<String, Tensor> stored) throws ModelFormatException {
        // The tools in their order: GPTQ's tensors have scales, too.
        for (Tool tool : TOOLS) {
            for (Tensor tensor : stored.values()) {
                if (tool.tensors.matcher(tensor.name()).matches()) {
                    throw new ModelFormatException(
                            "%s: tensor %s is part of weights that %s quantised, which are not read: use the model before it was quantised, and quantise that"
                                    .formatted(tensor.file(), tensor.name(), tool.name));
                }
            }
        }
    }
}
