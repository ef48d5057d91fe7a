locals { m = {} }
check "c" {
  assert {
    condition = local.m.x == 1
    error_message = "x"
  }
}
