package org.threehalf.backends.llvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.llvm.LLVM.LLVMContextRef;
import org.bytedeco.llvm.LLVM.LLVMErrorRef;
import org.bytedeco.llvm.LLVM.LLVMMemoryBufferRef;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerAllocateCodeSectionCallback;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerAllocateDataSectionCallback;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerCreateContextCallback;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerDestroyCallback;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerFinalizeMemoryCallback;
import org.bytedeco.llvm.LLVM.LLVMMemoryManagerNotifyTerminatingCallback;
import org.bytedeco.llvm.LLVM.LLVMModuleRef;
import org.bytedeco.llvm.LLVM.LLVMOrcExecutionSessionRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITBuilderObjectLinkingLayerCreatorFunction;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITBuilderRef;
import org.bytedeco.llvm.LLVM.LLVMOrcLLJITRef;
import org.bytedeco.llvm.LLVM.LLVMOrcObjectLayerRef;
import org.bytedeco.llvm.LLVM.LLVMTargetDataRef;
import org.bytedeco.llvm.LLVM.LLVMTargetMachineRef;
import org.bytedeco.llvm.LLVM.LLVMTargetRef;
import org.bytedeco.llvm.global.LLVM;

/**
 * LLVM in this process: compiles modules to machine code, which stays until the process ends. The first use loads
 * LLVM's libraries; where they are not there, that is a {@link LinkageError}.
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
        byte[] object = emit(text, triple(), Output.OBJECT);
        Optional<MachineCode> linked = ExecutableMemory.isThere() ? link(object, names) : Optional.empty();
        if (linked.isEmpty()) {
            return load(object, names);
        }
        return linked.get().functions(ExecutableMemory.of(linked.get()), names);
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
     * Compiles a module for some machine, with no host in it: what the processor has is said by the module's attributes
     * alone.
     *
     * @param text in LLVM IR
     * @param triple of the machine, as {@code aarch64-linux-gnu}
     * @return what was asked for
     * @throws IllegalStateException if LLVM refuses the module or has no such target, with what it says
     */
    static byte[] emit(String text, String triple, Output output) {
        LLVMContextRef context = LLVM.LLVMContextCreate();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(
                new BytePointer(bytes), bytes.length, new BytePointer("module"));
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
        LLVMTargetMachineRef machine = LLVM.LLVMCreateTargetMachine(
                target,
                triple,
                "generic",
                "",
                LLVM.LLVMCodeGenLevelDefault,
                LLVM.LLVMRelocPIC,
                LLVM.LLVMCodeModelSmall);
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

    /** More than any module's code and constants have. */
    private static final long LARGEST_IMAGE = 4L << 20;
    /** What sections may ask for, and what {@link ExecutableMemory} gives. */
    private static final int PAGE = 4096;

    /**
     * Links an object file of {@link #triple()} by itself: its sections lie in one image. That it runs at any address
     * is seen by linking it at two, which must give the same bytes.
     *
     * @param names of functions that it exports
     * @return the image; empty if it depends on where it lies
     * @throws IllegalStateException if LLVM refuses it or it has no such function, with what LLVM says
     */
    static Optional<MachineCode> link(byte[] object, List<String> names) {
        try (Arena arena = Arena.ofConfined()) {
            MachineCode one = link(object, names, arena.allocate(LARGEST_IMAGE, PAGE));
            MachineCode other = link(object, names, arena.allocate(LARGEST_IMAGE, PAGE));
            return Arrays.equals(one.image(), other.image()) && one.offsets().equals(other.offsets())
                    ? Optional.of(one)
                    : Optional.empty();
        }
    }

    private static MachineCode link(byte[] object, List<String> names, MemorySegment memory) {
        synchronized (Sections.ALL) {
            return link(object, names, memory, Sections.ALL);
        }
    }

    private static MachineCode link(byte[] object, List<String> names, MemorySegment memory, Sections sections) {
        sections.memory = memory;
        sections.used = 0;
        LLVMOrcLLJITBuilderRef builder = LLVM.LLVMOrcCreateLLJITBuilder();
        LLVM.LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, sections.layer, null);
        LLVMOrcLLJITRef linker = new LLVMOrcLLJITRef();
        require(LLVM.LLVMOrcCreateLLJIT(linker, builder));
        try {
            LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(
                    new BytePointer(object), object.length, new BytePointer("object"));
            require(LLVM.LLVMOrcLLJITAddObjectFile(linker, LLVM.LLVMOrcLLJITGetMainJITDylib(linker), buffer));
            Map<String, Integer> offsets = new LinkedHashMap<>();
            for (String name : names) {
                offsets.put(name, Math.toIntExact(address(linker, name).address() - memory.address()));
            }
            return new MachineCode(memory.asSlice(0, sections.used).toArray(ValueLayout.JAVA_BYTE), offsets);
        } finally {
            require(LLVM.LLVMOrcDisposeLLJIT(linker));
        }
    }

    /**
     * Memory for the sections of one object file, one behind the other. Nothing is executed there. There is one of it:
     * JavaCPP has room for few callbacks of a kind.
     */
    private static final class Sections {
        private static final Sections ALL = new Sections();

        private MemorySegment memory = MemorySegment.NULL;
        private long used;

        private final LLVMMemoryManagerCreateContextCallback create = new LLVMMemoryManagerCreateContextCallback() {
            @Override
            public Pointer call(Pointer context) {
                return context;
            }
        };
        private final LLVMMemoryManagerNotifyTerminatingCallback terminating =
                new LLVMMemoryManagerNotifyTerminatingCallback() {
                    @Override
                    public void call(Pointer context) {}
                };
        private final LLVMMemoryManagerAllocateCodeSectionCallback code =
                new LLVMMemoryManagerAllocateCodeSectionCallback() {
                    @Override
                    public BytePointer call(Pointer context, long size, int alignment, int id, BytePointer name) {
                        return take(size, alignment);
                    }
                };
        private final LLVMMemoryManagerAllocateDataSectionCallback data =
                new LLVMMemoryManagerAllocateDataSectionCallback() {
                    @Override
                    public BytePointer call(
                            Pointer context, long size, int alignment, int id, BytePointer name, int readOnly) {
                        return take(size, alignment);
                    }
                };
        private final LLVMMemoryManagerFinalizeMemoryCallback finish = new LLVMMemoryManagerFinalizeMemoryCallback() {
            @Override
            @SuppressWarnings("rawtypes")
            public int call(Pointer context, PointerPointer message) {
                return 0;
            }
        };
        private final LLVMMemoryManagerDestroyCallback destroy = new LLVMMemoryManagerDestroyCallback() {
            @Override
            public void call(Pointer context) {}
        };
        private final LLVMOrcLLJITBuilderObjectLinkingLayerCreatorFunction layer =
                new LLVMOrcLLJITBuilderObjectLinkingLayerCreatorFunction() {
                    @Override
                    public LLVMOrcObjectLayerRef call(
                            Pointer context, LLVMOrcExecutionSessionRef session, BytePointer triple) {
                        return LLVM.LLVMOrcCreateRTDyldObjectLinkingLayerWithMCJITMemoryManagerLikeCallbacks(
                                session, null, create, terminating, code, data, finish, destroy);
                    }
                };

        /** LLVM takes an address of 0 as a refusal. */
        private BytePointer take(long size, int alignment) {
            long from = used + alignment - 1 & -(long) alignment;
            if (alignment > PAGE || from + size > memory.byteSize()) {
                return new BytePointer((Pointer) null);
            }
            used = from + size;
            return new BytePointer((Pointer) null) {
                {
                    address = memory.address() + from;
                }
            };
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
        LLVMMemoryBufferRef buffer = LLVM.LLVMCreateMemoryBufferWithMemoryRangeCopy(
                new BytePointer(object), object.length, new BytePointer("object"));
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
            throw new IllegalStateException(
                    "LLVM: " + LLVM.LLVMGetErrorMessage(error).getString());
        }
    }
}
