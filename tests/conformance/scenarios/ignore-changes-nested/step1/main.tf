resource "terraform_data" "a" {
  input = {
    a = 1
    b = { c = [1, 2], d = "x" }
  }
  lifecycle {
    ignore_changes = [input.b.c, input.a]
  }
}
