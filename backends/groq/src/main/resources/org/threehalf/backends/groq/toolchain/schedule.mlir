// How the generator's operations are put on an array of 320 lanes, and on vectors. It knows them by their threehalf.role.
//
// 320 rows go with 320 inputs, which are 5 blocks of 64: the array's tile. A tile's weights are unpacked next to where they are used,
// so that only the packed codes are streamed. No floating-point operation is moved or split here; integer sums may be (REQ-DOT-003).
module attributes {transform.with_named_sequence} {

  // Rows by 320; what they are computed from comes into the loop, the zero that their sums start from included.
  transform.named_sequence @tile_rows(%module: !transform.any_op {transform.readonly}) {
    %rows = transform.structured.match attributes {threehalf.role = "rows"} in %module : (!transform.any_op) -> !transform.any_op
    transform.foreach %rows : !transform.any_op {
    ^bb0(%each: !transform.any_op):
      %tiled, %loop = transform.structured.fuse %each {tile_sizes = [0, 320, 0]} : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    }
    transform.yield
  }

  // Blocks by 5. The zero of the rows' sums stays before this loop, which adds to them; the blocks' own zeros come inside.
  transform.named_sequence @tile_blocks(%module: !transform.any_op {transform.readonly}) {
    %functions = transform.structured.match ops{["func.func"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.foreach %functions : !transform.any_op {
    ^bb0(%function: !transform.any_op):
      %all = transform.structured.match attributes {threehalf.role = "rows"} in %function : (!transform.any_op) -> !transform.any_op
      transform.foreach %all : !transform.any_op {
      ^bb1(%rows: !transform.any_op):
        %tiled, %loop = transform.structured.tile_using_for %rows tile_sizes [0, 0, 5] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
        %contract = transform.structured.match attributes {threehalf.role = "contract"} in %function : (!transform.any_op) -> !transform.any_op
        %1, %loop1 = transform.structured.fuse_into_containing_op %contract into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
        %zero = transform.structured.match attributes {threehalf.role = "zero"} in %function : (!transform.any_op) -> !transform.any_op
        %2, %loop2 = transform.structured.fuse_into_containing_op %zero into %loop1 : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
        %unpack = transform.structured.match attributes {threehalf.role = "unpack"} in %function : (!transform.any_op) -> !transform.any_op
        %3, %loop3 = transform.structured.fuse_into_containing_op %unpack into %loop2 : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
      }
    }
    transform.yield
  }

  // A tile's buffers are of the tile's size, not of the matrix's.
  transform.named_sequence @shrink_buffers(%module: !transform.any_op {transform.readonly}) {
    %functions = transform.structured.match ops{["func.func"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.apply_patterns to %functions {
      transform.apply_patterns.tensor.fold_tensor_empty
      transform.apply_patterns.tensor.fold_tensor_subset_ops
    } : !transform.any_op
    transform.yield
  }

  // One row's block at a time: a plane's codes are one vector, and so are its products.
  transform.named_sequence @vectorize(%module: !transform.any_op {transform.readonly}) {
    %unpack = transform.structured.match attributes {threehalf.role = "unpack"} in %module : (!transform.any_op) -> !transform.any_op
    %codes, %code_loops:2 = transform.structured.tile_using_for %unpack tile_sizes [1, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.structured.vectorize %codes : !transform.any_op
    %contract = transform.structured.match attributes {threehalf.role = "contract"} in %module : (!transform.any_op) -> !transform.any_op
    %products, %product_loops:2 = transform.structured.tile_using_for %contract tile_sizes [1, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.structured.vectorize %products : !transform.any_op
    %functions = transform.structured.match ops{["func.func"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.apply_patterns to %functions {
      transform.apply_patterns.vector.lower_multi_reduction lowering_strategy = "innerreduction"
      transform.apply_patterns.vector.cast_away_vector_leading_one_dim
      transform.apply_patterns.vector.transfer_permutation_patterns
    } : !transform.any_op
    transform.yield
  }

  // Tensors to buffers. Copies are loops of ours, not calls of MLIR's runtime library, which is then not needed.
  transform.named_sequence @bufferize(%module: !transform.any_op {transform.consumed}) {
    %bufferized = transform.bufferization.one_shot_bufferize layout{IdentityLayoutMap} %module {bufferize_function_boundaries = true, memcpy_op = "linalg.copy"}
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
