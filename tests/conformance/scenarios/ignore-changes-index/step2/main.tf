resource "terraform_data" "a" {
  input = [9, 9, 9]
  lifecycle {
    ignore_changes = [input[1]]
  }
}
