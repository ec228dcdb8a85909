package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.ModelReader.OpenModel;
import org.threehalf.conformance.NamedMatrix;
import org.threehalf.conformance.WholeModel;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.model.QuantizedModel;

/** Opens quantised models for the conformance suite. */
public final class ConformanceModels {
    private ConformanceModels() {}

    /** As {@link org.threehalf.conformance.ModelReader#open}. */
    public static OpenModel open(Path file) throws IOException {
        QuantizedModel model = QuantizedModel.open(file);
        List<NamedMatrix> matrices = model.matrices().entrySet().stream()
                .map(entry -> new NamedMatrix(entry.getKey(), entry.getValue()))
                .toList();
        return new OpenModel() {
            private @Nullable LanguageModel language;

            @Override
            public WholeModel whole() throws IOException {
                LanguageModel opened = LanguageModel.open(file);
                language = opened;
                return new WholeModel(opened.weights(), opened.tokenizer().encodePrompt(WholeModel.TEXT));
            }

            @Override
            public List<NamedMatrix> matrices() {
                return matrices;
            }

            @Override
            public void close() {
                if (language != null) {
                    language.close();
                }
                model.close();
            }
        };
    }
}
