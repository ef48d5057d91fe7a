/* head */ resource /* a */ "terraform_data" /* b */ "x" /* c */ { // tail
  # in
  input /* eq */ = /* v */ [ # list
    1, // one
    /* two */ 2 /* after */,
    # three
    3
    # end
  ]
} # after
locals { a = 1 /* inline */ }
output "o" { value = (
  # comment
  local.a + # plus
  1
) }
