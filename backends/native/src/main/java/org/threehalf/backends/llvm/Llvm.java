package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.llvm.LLVM.LLVMContextRef;
import org.bytedeco.llvm.LLVM.LLVMErrorRef;
import org.bytedeco.llvm.LLVM.LLVMMemoryBufferRef;
import org.bytedeco.llvm.LLVM.LLVMModuleRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITRef;
import org.bytedeco.llvm.LLVM.LLVMTargetDataRef;
import org.bytedeco.llvm.LLVM.LLVMTargetMachineRef;
import org.bytedeco.llvm.LLVM.LLVMTargetRef;
import org.bytedeco.llvm.global.LLVM;

/**
 * LLVM in this process: compiles modules to machine code, which stays until the process ends. The first use loads LLVM's libraries; where they are not there, that is a
 * {@link LinkageError}.
 */
final class Llvm {

    private static final Processor PROCESSOR;

    static {
        LibraryFolder.choose();
        LLVM.LLVMInitializeAllTargetInfos();
        LLVM.LLVMInitializeAllTargets();
        LLVM.LLVMInitializeAllTargetMCs();
        LLVM.LLVMInitializeAllAsmPrinters();
        PROCESSOR = Processor.host(owned(LLVM.LLVMGetHostCPUName()), owned(LLVM.LLVMGetHostCPUFeatures()));
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

    /** The processor of this machine. */
    static Processor processor() {
        return PROCESSOR;
    }

    /** What this machine's processor and system are to LLVM. */
    static String triple() {
        return owned(LLVM.LLVMGetDefaultTargetTriple());
    }

    /**
     * Compiles a module for this machine.
     *
     * @param text in LLVM IR
     * @param names of functions that it exports
     * @return their addresses, in the order of the names
     * @throws IllegalStateException if LLVM refuses the module, with what it says
     */
    static List<MemorySegment> compile(String text, List<String> names) {
        return load(emit(text, triple(), Output.OBJECT), names);
    }

    /** What a module is compiled to: LLVM's numbers for it. */
    enum Output {
        /** The text of an assembler. */
        ASSEMBLY(LLVM.LLVMAssemblyFile),
        /** An object file of the target's system. */
        OBJECT(LLVM.LLVMObjectFile);

        private final int kind;

        Output(int kind) {
            this.kind = kind;
        }
    }

    /**
     * Compiles a module for some machine, with no host in it: what the processor has is said by the module's attributes alone.
     *
     * @param text in LLVM IR
     * @param triple of the machine, as {@code aarch64-linux-gnu}
     * @return what was asked for
     * @throws IllegalStateException if LLVM refuses the module or has no such target, with what it says
     */
    static byte[] emit(String text, String triple, Output output) {
        LLVMContextRef context = LLVM.LLVMContextCreate();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(new BytePointer(bytes), bytes.length, new BytePointer("module"));
        LLVMModuleRef module = new LLVMModuleRef();
        BytePointer message = new BytePointer();
        try {
            // The reader takes the buffer, and verifies the module.
            if (LLVM.LLVMParseIRInContext(context, buffer, module, message) != 0) {
                throw new IllegalStateException("LLVM refuses the module: " + owned(message));
            }
            return emit(module, triple, output);
        } finally {
            LLVM.LLVMContextDispose(context);
        }
    }

    private static byte[] emit(LLVMModuleRef module, String triple, Output output) {
        LLVMTargetRef target = new LLVMTargetRef();
        BytePointer message = new BytePointer();
        if (LLVM.LLVMGetTargetFromTriple(new BytePointer(triple), target, message) != 0) {
            throw new IllegalStateException("LLVM has no target %s: %s".formatted(triple, owned(message)));
        }
        LLVMTargetMachineRef machine =
                LLVM.LLVMCreateTargetMachine(target, triple, "generic", "", LLVM.LLVMCodeGenLevelDefault, LLVM.LLVMRelocPIC, LLVM.LLVMCodeModelSmall);
        LLVMTargetDataRef layout = LLVM.LLVMCreateTargetDataLayout(machine);
        try {
            LLVM.LLVMSetTarget(module, triple);
            LLVM.LLVMSetModuleDataLayout(module, layout);
            LLVMMemoryBufferRef emitted = new LLVMMemoryBufferRef();
            if (LLVM.LLVMTargetMachineEmitToMemoryBuffer(machine, module, output.kind, message, emitted) != 0) {
                throw new IllegalStateException("LLVM cannot compile the module: " + owned(message));
            }
            byte[] result = new byte[Math.toIntExact(LLVM.LLVMGetBufferSize(emitted))];
            LLVM.LLVMGetBufferStart(emitted).get(result);
            LLVM.LLVMDisposeMemoryBuffer(emitted);
            return result;
        } finally {
            LLVM.LLVMDisposeModule(module);
            LLVM.LLVMDisposeTargetData(layout);
            LLVM.LLVMDisposeTargetMachine(machine);
        }
    }

    /**
     * Brings an object file of {@link #triple()} into this process.
     *
     * @param names of functions that it exports
     * @return their addresses, in the order of the names
     * @throws IllegalStateException if LLVM refuses it or it has no such function, with what LLVM says
     */
    static List<MemorySegment> load(byte[] object, List<String> names) {
        // One compiler an object: names of several may be the same.
        LLVMOrcLLJITRef compiler = new LLVMOrcLLJITRef();
        require(LLVM.LLVMOrcCreateLLJIT(compiler, null));
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(new BytePointer(object), object.length, new BytePointer("object"));
        require(LLVM.LLVMOrcLLJITAddObjectFile(compiler, LLVM.LLVMOrcLLJITGetMainJITDylib(compiler), buffer));
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
