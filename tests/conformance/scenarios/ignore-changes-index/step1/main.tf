resource "terraform_data" "a" {
  input = [1, 2, 3]
  lifecycle {
    ignore_changes = [input[1]]
  }
}
