package org.threehalf.backends.groq.mlir;

import java.util.List;
import java.util.SequencedMap;

/**
 * An operation of a block, with types that were checked.
 *
 * @param name with its dialect: {@code arith.addi}
 * @param operands values that are visible where it stands
 * @param results the values it defines
 * @param properties the operation's own attributes
 * @param attributes further attributes, under names with a prefix: {@code threehalf.role}
 * @param regions its regions, each of one block
 */
record Operation(
        String name,
        List<Value> operands,
        List<Value> results,
        SequencedMap<String, Attribute> properties,
        SequencedMap<String, Attribute> attributes,
        List<Block> regions) {}
