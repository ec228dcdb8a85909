// A libcuda.so.1 without a GPU: the calls of the driver that JCudaDevice makes, answered by the emulation of the kernels.
//
// With it a whole Java process runs through JCuda's native library as it would on a GPU, so that the order of arguments, copies and graphs are
// checked. What it says of itself comes from the environment: FAKE_CUDA_COUNT, FAKE_CUDA_CAPABILITY (such as 90), FAKE_CUDA_VERSION (such as 12060),
// FAKE_CUDA_MEMORY (bytes), FAKE_CUDA_KERNELS (the emulation's library).

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>
#include <dlfcn.h>

typedef int CUresult;
typedef uint64_t CUdeviceptr;

namespace {

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_CONTEXT = 201, NO_BINARY = 209, NOT_FOUND = 500, LAUNCH_FAILED = 719, CAPTURE_INVALIDATED = 901 };

struct Function {
    const char* (*launch)(const unsigned*, const unsigned*, const uint64_t*, int);
    int arity;
};

// A kernel's launch, or, where `function` is null, what another library does.
struct Call {
    Function* function;
    unsigned grid[3], block[3];
    std::vector<uint64_t> arguments;
    void (*library)(const void*);
    std::vector<char> data;
};

struct Graph {
    std::vector<Call> calls;
};

long number(const char* name, long otherwise) {
    const char* value = getenv(name);
    return value ? atol(value) : otherwise;
}

std::map<CUdeviceptr, size_t> memory;
size_t used = 0;
bool context = false;
Graph* capturing = nullptr;

CUresult start(const Call& call) {
    if (!call.function) {
        call.library(call.data.data());
        return SUCCESS;
    }
    const char* message = call.function->launch(call.grid, call.block, call.arguments.data(), 2);
    if (message) {
        fprintf(stderr, "fake driver: %s\n", message);
    }
    return message ? LAUNCH_FAILED : SUCCESS;
}

CUresult now_or_recorded(const Call& call) {
    if (capturing) {
        capturing->calls.push_back(call);
        return SUCCESS;
    }
    return start(call);
}

// Whether a range lies inside one allocation, as the driver checks it for copies.
bool inside(CUdeviceptr at, size_t bytes) {
    auto next = memory.upper_bound(at);
    if (next == memory.begin()) {
        return false;
    }
    --next;
    return at + bytes <= next->first + next->second;
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned) { return SUCCESS; }
CUresult cuDeviceGetCount(int* count) { *count = (int) number("FAKE_CUDA_COUNT", 1); return SUCCESS; }
CUresult cuDeviceGet(int* device, int ordinal) { *device = ordinal; return SUCCESS; }
CUresult cuDeviceGetName(char* name, int length, int) { snprintf(name, (size_t) length, "a GPU played by the host"); return SUCCESS; }
CUresult cuDeviceGetAttribute(int* value, int attribute, int) {
    int capability = (int) number("FAKE_CUDA_CAPABILITY", 90);
    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
    if (attribute != 75 && attribute != 76) {
        return INVALID_VALUE;
    }
    *value = attribute == 75 ? capability / 10 : capability % 10;
    return SUCCESS;
}
CUresult cuDriverGetVersion(int* version) { *version = (int) number("FAKE_CUDA_VERSION", 12060); return SUCCESS; }
CUresult cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = (size_t) number("FAKE_CUDA_MEMORY", 1L << 30); return SUCCESS; }
CUresult cuDevicePrimaryCtxRetain(void** result, int) { static int one; *result = &one; return SUCCESS; }
CUresult cuDevicePrimaryCtxRelease_v2(int) { return memory.empty() ? SUCCESS : INVALID_VALUE; }
CUresult cuCtxSetCurrent(void* given) { context = given != nullptr; return SUCCESS; }

CUresult cuModuleLoadData(void** module, const void* image) {
    // A cubin is an ELF file of machine 190 (CUDA); PTX is text.
    const unsigned char* bytes = (const unsigned char*) image;
    bool cubin = memcmp(bytes, "\177ELF", 4) == 0 && bytes[18] == 190;
    bool ptx = strstr((const char*) image, ".visible .entry") != nullptr;
    if (!context || !(cubin || ptx)) {
        return NO_BINARY;
    }
    *module = dlopen(getenv("FAKE_CUDA_KERNELS"), RTLD_NOW | RTLD_LOCAL);
    return *module ? SUCCESS : NO_BINARY;
}
CUresult cuModuleUnload(void*) { return SUCCESS; }
CUresult cuModuleGetFunction(void** function, void* module, const char* name) {
    void* launch = dlsym(module, (std::string("launch_") + name).c_str());
    void* arity = dlsym(module, (std::string("arity_") + name).c_str());
    if (!launch || !arity) {
        return NOT_FOUND;
    }
    *function = new Function{(decltype(Function::launch)) launch, ((int (*)()) arity)()};
    return SUCCESS;
}

CUresult cuStreamCreate(void** stream, unsigned) { static int one; *stream = &one; return SUCCESS; }
CUresult cuStreamDestroy_v2(void*) { return SUCCESS; }
CUresult cuStreamSynchronize(void*) { return capturing ? CAPTURE_INVALIDATED : SUCCESS; }

CUresult cuMemGetInfo_v2(size_t* free, size_t* all) {
    *all = (size_t) number("FAKE_CUDA_MEMORY", 1L << 30);
    *free = *all - used;
    return SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    if (!context || capturing) {
        return INVALID_CONTEXT;
    }
    if (bytes > (size_t) number("FAKE_CUDA_MEMORY", 1L << 30) - used) {
        return OUT_OF_MEMORY;
    }
    void* block = aligned_alloc(256, (bytes + 255) / 256 * 256);
    memset(block, 0xff, bytes);
    *address = (CUdeviceptr) block;
    memory[*address] = bytes;
    used += bytes;
    return SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
    auto found = memory.find(address);
    if (found == memory.end() || capturing) {
        return INVALID_VALUE;
    }
    used -= found->second;
    memory.erase(found);
    free((void*) address);
    return SUCCESS;
}
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
    if (capturing || !inside(to, bytes)) {
        return INVALID_VALUE;
    }
    memcpy((void*) to, from, bytes);
    return SUCCESS;
}
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
    if (capturing || !inside(from, bytes)) {
        return INVALID_VALUE;
    }
    memcpy(to, (const void*) from, bytes);
    return SUCCESS;
}

CUresult cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void*, void** parameters, void** extra) {
    if (shared != 0 || extra != nullptr || !context) {
        return INVALID_VALUE;
    }
    Call call{(Function*) function, {gx, gy, gz}, {bx, by, bz}, {}, nullptr, {}};
    for (int i = 0; i < call.function->arity; i++) {
        uint64_t slot;
        memcpy(&slot, parameters[i], sizeof slot);
        call.arguments.push_back(slot);
    }
    return now_or_recorded(call);
}

// For fake_cublas.cpp: work in the stream, with a copy of `data`.
CUresult fake_cuda_perform(void (*work)(const void*), const void* data, size_t bytes) {
    if (!context) {
        return INVALID_CONTEXT;
    }
    return now_or_recorded(Call{nullptr, {}, {}, {}, work, std::vector<char>((const char*) data, (const char*) data + bytes)});
}

CUresult cuStreamBeginCapture_v2(void*, int) { capturing = new Graph(); return SUCCESS; }
CUresult cuStreamEndCapture(void*, void** graph) { *graph = capturing; capturing = nullptr; return SUCCESS; }
CUresult cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) { *executable = new Graph(*(Graph*) graph); return SUCCESS; }
CUresult cuGraphDestroy(void* graph) { delete (Graph*) graph; return SUCCESS; }
CUresult cuGraphExecDestroy(void* executable) { delete (Graph*) executable; return SUCCESS; }
CUresult cuGraphLaunch(void* executable, void*) {
    for (const Call& call : ((Graph*) executable)->calls) {
        CUresult result = start(call);
        if (result != SUCCESS) {
            return result;
        }
    }
    return SUCCESS;
}

CUresult cuGetErrorName(CUresult, const char** text) { *text = "CUDA_ERROR"; return SUCCESS; }
CUresult cuGetErrorString(CUresult, const char** text) { *text = "an error of the fake driver"; return SUCCESS; }
}
