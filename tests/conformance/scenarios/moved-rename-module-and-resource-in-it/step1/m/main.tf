resource "terraform_data" "old" {
  input = 1
}
resource "terraform_data" "keep" {
  input = 1
}
