package org.threehalf.cli;

import java.util.Iterator;
import org.threehalf.backends.spi.decoder.ModelShape;

/** The names of {@link ModelShape}'s catalogue, for help texts and the completion of shells. */
final class ShapeNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return ModelShape.all().stream().map(ModelShape::name).iterator();
    }
}
