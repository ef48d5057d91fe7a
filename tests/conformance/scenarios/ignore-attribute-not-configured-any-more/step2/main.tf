resource "terraform_data" "a" {
  input = { b = 1 }
  lifecycle { ignore_changes = [input.a] }
}
