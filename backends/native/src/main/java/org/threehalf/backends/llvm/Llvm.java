package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.llvm.LLVM.LLVMErrorRef;
import org.bytedeco.llvm.LLVM.LLVMMemoryBufferRef;
import org.bytedeco.llvm.LLVM.LLVMModuleRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITRef;
import org.bytedeco.llvm.LLVM.LLVMOrcThreadSafeContextRef;
import org.bytedeco.llvm.LLVM.LLVMOrcThreadSafeModuleRef;
import org.bytedeco.llvm.global.LLVM;

/**
 * LLVM in this process: compiles modules to machine code, which stays until the process ends. The first use loads LLVM's libraries; where they are not there, that is a
 * {@link LinkageError}.
 */
final class Llvm {

    private static final Set<String> FEATURES;
    private static final String PROCESSOR;

    static {
        LLVM.LLVMInitializeNativeTarget();
        LLVM.LLVMInitializeNativeAsmPrinter();
        FEATURES = Set.of(owned(LLVM.LLVMGetHostCPUFeatures()).split(","));
        PROCESSOR = owned(LLVM.LLVMGetHostCPUName());
    }

    private Llvm() {}

    /** LLVM's version. */
    static String version() {
        int[] major = new int[1];
        int[] minor = new int[1];
        int[] patch = new int[1];
        LLVM.LLVMGetVersion(major, minor, patch);
        return major[0] + "." + minor[0] + "." + patch[0];
    }

    /** The processor as LLVM names it. */
    static String processor() {
        return PROCESSOR;
    }

    /** Whether the processor has a feature, as LLVM names it. */
    static boolean has(String feature) {
        return FEATURES.contains("+" + feature);
    }

    /**
     * Compiles a module.
     *
     * @param text in LLVM IR
     * @param names of functions that it exports
     * @return their addresses, in the order of the names
     * @throws IllegalStateException if LLVM refuses the module, with what it says
     */
    static List<MemorySegment> compile(String text, List<String> names) {
        // One compiler a module: names of several modules may be the same.
        LLVMOrcLLJITRef compiler = new LLVMOrcLLJITRef();
        require(LLVM.LLVMOrcCreateLLJIT(compiler, null));
        LLVMOrcThreadSafeContextRef context = LLVM.LLVMOrcCreateNewThreadSafeContext();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(new BytePointer(bytes), bytes.length, new BytePointer("module"));
        LLVMModuleRef module = new LLVMModuleRef();
        BytePointer message = new BytePointer();
        // The reader takes the buffer, and verifies the module.
        if (LLVM.LLVMParseIRInContext(LLVM.LLVMOrcThreadSafeContextGetContext(context), buffer, module, message) != 0) {
            throw new IllegalStateException("LLVM refuses the module: " + owned(message));
        }
        LLVMOrcThreadSafeModuleRef owner = LLVM.LLVMOrcCreateNewThreadSafeModule(module, context);
        LLVM.LLVMOrcDisposeThreadSafeContext(context);
        require(LLVM.LLVMOrcLLJITAddLLVMIRModule(compiler, LLVM.LLVMOrcLLJITGetMainJITDylib(compiler), owner));
        return names.stream().map(name -> address(compiler, name)).toList();
    }

    private static MemorySegment address(LLVMOrcLLJITRef compiler, String name) {
        long[] address = new long[1];
        require(LLVM.LLVMOrcLLJITLookup(compiler, address, name));
        return MemorySegment.ofAddress(address[0]);
    }

    private static String owned(BytePointer message) {
        String text = message.getString();
        LLVM.LLVMDisposeMessage(message);
        return text;
    }

    private static void require(LLVMErrorRef error) {
        if (error != null && !error.isNull()) {
            throw new IllegalStateException("LLVM: " + LLVM.LLVMGetErrorMessage(error).getString());
        }
    }
}
