package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.threehalf.conformance.ModelReader.OpenModel;
import org.threehalf.conformance.NamedMatrix;
import org.threehalf.inference.model.QuantizedModel;

/** Opens quantised models for the conformance suite. */
final class ConformanceModels {
    private ConformanceModels() {}

    /** As {@link org.threehalf.conformance.ModelReader#open}. */
    static OpenModel open(Path file) throws IOException {
        QuantizedModel model = QuantizedModel.open(file);
        List<NamedMatrix> matrices =
                model.matrices().entrySet().stream().map(entry -> new NamedMatrix(entry.getKey(), entry.getValue())).toList();
        return new OpenModel() {
            @Override
            public List<NamedMatrix> matrices() {
                return matrices;
            }

            @Override
            public void close() {
                model.close();
            }
        };
    }
}
