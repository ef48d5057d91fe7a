resource "terraform_data" "a" {
  input = { m = { b = 2 } }
  lifecycle { ignore_changes = [input.m.a] }
}
