resource "terraform_data" "new" {
  input = 1
}
resource "terraform_data" "keep" {
  input = 1
}
