package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.llvm.LLVM.LLVMContextRef;
import org.bytedeco.llvm.LLVM.LLVMErrorRef;
import org.bytedeco.llvm.LLVM.LLVMMemoryBufferRef;
import org.bytedeco.llvm.LLVM.LLVMModuleRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITBuilderRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITRef;
import org.bytedeco.llvm.LLVM.LLVMOrcThreadSafeContextRef;
import org.bytedeco.llvm.LLVM.LLVMTargetMachineRef;
import org.bytedeco.llvm.LLVM.LLVMTargetRef;
import org.bytedeco.llvm.global.LLVM;

/** LLVM as tests want it: compiled quickly, to code that may be slow. */
final class TestCompiler {

    static {
        // Loads LLVM and its target.
        Llvm.processor();
    }

    private TestCompiler() {}

    /**
     * As {@link Llvm#compile}, without the optimisations of the code generator, in a third of the time: what a module
     * means is the same.
     */
    static List<MemorySegment> quick(String text, List<String> names) {
        LLVMOrcLLJITBuilderRef builder = LLVM.LLVMOrcCreateLLJITBuilder();
        LLVM.LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
                builder, LLVM.LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(machine()));
        LLVMOrcLLJITRef compiler = new LLVMOrcLLJITRef();
        require(LLVM.LLVMOrcCreateLLJIT(compiler, builder));
        LLVMOrcThreadSafeContextRef context = LLVM.LLVMOrcCreateNewThreadSafeContext();
        LLVMModuleRef module = parse(text, LLVM.LLVMOrcThreadSafeContextGetContext(context));
        require(LLVM.LLVMOrcLLJITAddLLVMIRModule(
                compiler,
                LLVM.LLVMOrcLLJITGetMainJITDylib(compiler),
                LLVM.LLVMOrcCreateNewThreadSafeModule(module, context)));
        LLVM.LLVMOrcDisposeThreadSafeContext(context);
        List<MemorySegment> functions = new ArrayList<>();
        for (String name : names) {
            long[] address = new long[1];
            require(LLVM.LLVMOrcLLJITLookup(compiler, address, name));
            functions.add(MemorySegment.ofAddress(address[0]));
        }
        return functions;
    }

    private static LLVMTargetMachineRef machine() {
        LLVMTargetRef target = new LLVMTargetRef();
        BytePointer message = new BytePointer();
        BytePointer triple = LLVM.LLVMGetDefaultTargetTriple();
        if (LLVM.LLVMGetTargetFromTriple(triple, target, message) != 0) {
            throw new IllegalStateException("LLVM: " + message.getString());
        }
        return LLVM.LLVMCreateTargetMachine(
                target,
                triple.getString(),
                "",
                "",
                LLVM.LLVMCodeGenLevelNone,
                LLVM.LLVMRelocPIC,
                LLVM.LLVMCodeModelJITDefault);
    }

    private static LLVMModuleRef parse(String text, LLVMContextRef context) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(
                new BytePointer(bytes), bytes.length, new BytePointer("module"));
        LLVMModuleRef module = new LLVMModuleRef();
        BytePointer message = new BytePointer();
        if (LLVM.LLVMParseIRInContext(context, buffer, module, message) != 0) {
            throw new IllegalStateException("LLVM refuses the module: " + message.getString());
        }
        return module;
    }

    private static void require(LLVMErrorRef error) {
        if (error != null && !error.isNull()) {
            throw new IllegalStateException(
                    "LLVM: " + LLVM.LLVMGetErrorMessage(error).getString());
        }
    }
}
