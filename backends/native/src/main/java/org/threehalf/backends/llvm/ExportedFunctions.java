package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions that a compiled module exports.
 *
 * @param addresses by name; memory that the module owns
 */
record ExportedFunctions(Map<String, MemorySegment> addresses) {

    /** From names and addresses in one order. */
    static ExportedFunctions of(List<String> names, List<MemorySegment> addresses) {
        Map<String, MemorySegment> functions = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            functions.put(names.get(i), addresses.get(i));
        }
        return new ExportedFunctions(functions);
    }

    /**
     * A function's address.
     *
     * @throws IllegalArgumentException if the module exports none of that name
     */
    MemorySegment get(String name) {
        MemorySegment function = addresses.get(name);
        if (function == null) {
            throw new IllegalArgumentException("the module exports no function " + name);
        }
        return function;
    }
}
