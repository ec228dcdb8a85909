package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;

class ChatTemplateTest {

    private static ChatTemplate of(String architecture, String template) throws ModelFormatException {
        LinkedHashMap<String, GgufValue> entries = new LinkedHashMap<>();
        entries.put("general.architecture", GgufValue.of(architecture));
        if (!template.isEmpty()) {
            entries.put("tokenizer.chat_template", GgufValue.of(template));
        }
        return ChatTemplate.of(new GgufMetadata("m.gguf", entries));
    }

    /** As the model's card shows it. */
    @Test
    void gemma() throws ModelFormatException {
        ChatTemplate gemma = of("gemma3", "");
        assertEquals("<start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n", gemma.first("", "Hello"));
        assertEquals("<start_of_turn>user\nBe brief.\n\nHello<end_of_turn>\n<start_of_turn>model\n", gemma.first("Be brief.", "Hello"));
        assertEquals("<end_of_turn>\n<start_of_turn>user\nAnd?<end_of_turn>\n<start_of_turn>model\n", gemma.next("And?"));
    }

    @Test
    void llama3AndChatMl() throws ModelFormatException {
        assertEquals(
                "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n",
                of("llama", "{{ '<|start_header_id|>' + role }}").first("S", "U"));
        assertEquals("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n", of("qwen3", "").first("S", "U"));
        assertEquals("[INST] U [/INST]", of("llama", "").first("", "U"));
    }

    /** Percent signs in a message are not a format's. */
    @Test
    void messagesAreTakenAsTheyAre() throws ModelFormatException {
        assertTrue(of("gemma3", "").first("", "100%s %d").contains("user\n100%s %d<end"));
    }

    @Test
    void unknownTemplatesAreRefused() {
        assertTrue(assertThrows(ModelFormatException.class, () -> of("gemma3", "{{ bos }}")).getMessage().contains("none of the known families"));
        assertTrue(assertThrows(ModelFormatException.class, () -> of("mamba", "")).getMessage().contains("mamba"));
    }
}
