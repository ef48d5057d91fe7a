resource "terraform_data" "a" {
  input = { n = 1 }
  lifecycle { ignore_changes = [input.m] }
}
