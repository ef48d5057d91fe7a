resource "terraform_data" "a" {
  input = { a = 1, b = 1 }
  lifecycle { ignore_changes = [input.a] }
}
