resource "terraform_data" "a" {
  input = { m = { a = 1, b = 1 } }
  lifecycle { ignore_changes = [input.m.a] }
}
